"""`make bench`: the figures that the project reports, as ratios against a floor in the same run."""

import json
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lambda")]

from bench import agent, function, serving, synth, throughput, training  # noqa: E402  # the project's folders are on the path only now
from bench.idle.figures import measure as replayed  # noqa: E402
from bench.idle.judges import AGENT, CPU_ALARM, GPU_ALARM, NOBODY  # noqa: E402
from bench.queued.assumptions import Assumptions  # noqa: E402
from bench.queued.figures import measure as simulated  # noqa: E402
from bench.queued.months import month as requests  # noqa: E402
from bench.queued.planned import planned  # noqa: E402
from bench.queued.policies import ALWAYS_ON, DEPLOYED  # noqa: E402
from stacks.ecs_settings import Service  # noqa: E402

AIM, RATE_AIM = 3.0, 1.3
RATE, FUNCTIONS, IMAGES = 20, 24, 200
MONTHS, TICK_S = 5, 60
QUEUED_MONTHS = ("nightly batch", "office hours", "sparse")
JUDGES = {"agent": AGENT, "cpu": CPU_ALARM, "gpu": GPU_ALARM, "nobody": NOBODY}
Figures = Mapping[str, float]
MEASURED = ("synth", "function", "serving", "training", "agent", "idle", "queued")


@click.command()
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(1, 100), help="How often each is measured.")
@click.option("--only", type=click.Choice([*MEASURED]), help="Measure one of them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(rounds: int, only: str | None, *, as_json: bool) -> None:
    """Measure the synthesis, the image function, the inference server, the training and the workstations' agent."""
    measures = dict(zip(MEASURED, (_synth, _function, _serving, _training, _agent, _idle, _queued), strict=True))
    figures: dict[str, float] = {}
    for name, measure in measures.items():
        if only in {None, name}:
            figures |= measure(rounds)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    machine = f"median of {rounds} on {platform.machine()}, Python {platform.python_version()}"
    table = Table("figure", "value", title=f"Bench ({machine})", title_justify="left")
    for name, value in figures.items():
        text, form = SHOWN[name]
        table.add_row(text, form.format(value))
    Console().print(table)


def _synth(rounds: int) -> Figures:
    made = synth.measure(rounds)
    return {
        "synth_empty_s": made["empty"].seconds,
        "synth_full_s": made["full"].seconds,
        "synth_ratio": made["full"].seconds / made["empty"].seconds,
        "synth_full_peak_mib": made["full"].peak_mib,
    }


def _function(rounds: int) -> Figures:
    one, four = (function.own_time(prefix, rounds * 50) for prefix in ("photos/", "four/"))
    import_s, import_ratio = function.import_ratio(rounds)
    many = throughput.measure(IMAGES, functions=FUNCTIONS, per_second=RATE)
    return {
        "function_p50_ms": one.p50_ms,
        "function_p99_ms": one.p99_ms,
        "function_aws_calls": one.calls,
        "function_four_p50_ms": four.p50_ms,
        "function_four_p99_ms": four.p99_ms,
        "function_four_aws_calls": four.calls,
        "function_import_s": import_s,
        "function_import_ratio": import_ratio,
        "function_package_kib": function.package_kib(),
        "throughput_ratio": many.ratio,
        "throughput_throttled": many.throttled,
        "throughput_lost": many.lost,
        "throughput_billed_twice": many.twice,
    }


def _serving(rounds: int) -> Figures:
    found = serving.measure(rounds)
    figures = {"serving_cold_start_s": found.cold_start_s}
    for name, load in (("drawing", found.drawing), ("photo", found.photo)):
        inside = getattr(found, f"{name}_in_process")
        figures |= {
            f"serving_{name}_per_second": load.per_second,
            f"serving_{name}_in_process_per_second": inside.per_second,
            f"serving_{name}_ratio": load.per_second / inside.per_second,
            f"serving_{name}_p50_ms": load.p50_ms,
            f"serving_{name}_p99_ms": load.p99_ms,
            f"serving_{name}_peak_mib": load.peak_mib,
            f"serving_{name}_in_process_peak_mib": inside.peak_mib,
        }
    return figures


def _training(rounds: int) -> Figures:
    found = training.measure(rounds)
    return {
        "training_per_second": found.own,
        "training_plain_per_second": found.plain,
        "training_held_per_second": found.held,
        "training_ratio": found.ratio,
    }


def _agent(rounds: int) -> Figures:
    found = agent.measure(rounds)
    return {"agent_cpu_s": found.cpu_s, "agent_share": found.cpu_s / TICK_S, "agent_peak_mib": found.peak_mib}


def _idle(_rounds: int) -> Figures:
    """A replay is the same every time."""
    found = replayed(MONTHS)
    figures: dict[str, float] = {}
    for name, judge in JUDGES.items():
        figures |= {
            f"idle_{name}_hours": found[judge].idle_hours,
            f"idle_{name}_worst": found[judge].idle_minutes_worst,
            f"idle_{name}_false_stops": found[judge].false_stops,
            f"idle_{name}_usd": found[judge].usd,
        }
    return figures


def _queued(_rounds: int) -> Figures:
    """A simulation is the same every time."""
    service, assumed = planned(Service()), Assumptions()
    figures: dict[str, float] = {}
    for name in QUEUED_MONTHS:
        found = simulated(requests(name, 0, assumed.answer_s), service, assumed)
        for policy, one in (("deployed", found[DEPLOYED]), ("always", found[ALWAYS_ON])):
            key = f"queued_{name.replace(' ', '_')}_{policy}"
            figures |= {f"{key}_p95_s": one.wait_p95_s or 0.0, f"{key}_usd": one.usd}
    return figures


SHOWN: Mapping[str, tuple[str, str]] = {
    "synth_empty_s": ("synth of an empty CDK app, validation off", "{:.2f} s"),
    "synth_full_s": ("synth of the default profile, validation off", "{:.2f} s"),
    "synth_ratio": (f"ratio (aim: under {AIM:.0f})", "{:.2f}"),
    "synth_full_peak_mib": ("peak memory of that synth", "{:.0f} MiB"),
    "function_p50_ms": ("function's own time per image, network cut out: median", "{:.1f} ms"),
    "function_p99_ms": ("  99th of 100", "{:.1f} ms"),
    "function_aws_calls": ("  its calls to AWS", "{:.0f}"),
    "function_four_p50_ms": ("the same with four analyses: median", "{:.1f} ms"),
    "function_four_p99_ms": ("  99th of 100", "{:.1f} ms"),
    "function_four_aws_calls": ("  its calls to AWS", "{:.0f}"),
    "function_import_s": ("import of the handler, fresh process", "{:.2f} s"),
    "function_import_ratio": ("  as a multiple of `import boto3`", "{:.2f}"),
    "function_package_kib": ("the function's zip", "{:.0f} KiB"),
    "throughput_ratio": (
        f"{IMAGES} images, {FUNCTIONS} functions, {RATE} calls/s: time over images / rate (aim: under {RATE_AIM})",
        "{:.2f}",
    ),
    "throughput_throttled": ("  calls refused for the rate", "{:.0f}"),
    "throughput_lost": ("  images lost", "{:.0f}"),
    "throughput_billed_twice": ("  calls billed twice", "{:.0f}"),
    "serving_cold_start_s": ("inference server, from its start to the first /ping with 200", "{:.2f} s"),
    **{
        f"serving_{name}_{figure}": (text.format(said), form)
        for name, said in (("drawing", "a small drawing"), ("photo", "a photo of 12 megapixels"))
        for figure, text, form in (
            ("per_second", f"  {{}} over HTTP, {serving.CONCURRENCY} at a time", "{:.0f} a second"),
            ("in_process_per_second", "    the same inside one process", "{:.0f} a second"),
            ("ratio", "    ratio", "{:.2f}"),
            ("p50_ms", "    median", "{:.1f} ms"),
            ("p99_ms", "    99th of 100", "{:.1f} ms"),
            ("peak_mib", "    peak memory of the server", "{:.0f} MiB"),
            ("in_process_peak_mib", "    of the one process", "{:.0f} MiB"),
        )
    },
    "training_per_second": ("training container, pictures a second", "{:.0f}"),
    "training_plain_per_second": ("  a plain script with transformers' Trainer", "{:.0f}"),
    "training_held_per_second": ("  the same that holds its pictures as tensors", "{:.0f}"),
    "training_ratio": ("  ratio against the faster of the two (aim: 0.95)", "{:.2f}"),
    "agent_cpu_s": ("a workstation's agent, one tick: CPU of all its processes", "{:.3f} s"),
    "agent_share": ("  as a share of one core, a tick each minute", "{:.2%}"),
    "agent_peak_mib": ("  its peak memory", "{:.0f} MiB"),
    **{
        f"idle_{name}_{figure}": (f"{title}: {what}" if figure == "hours" else f"  {what}", form)
        for name, title in (
            ("agent", "a workstation judged by its agent"),
            ("cpu", "the same months judged by a CPU alarm alone"),
            ("gpu", "the same judged by GPU utilisation alone"),
            ("nobody", "the same stopped by nobody"),
        )
        for figure, what, form in (
            ("hours", "idle hours paid a month", "{:.0f}"),
            ("worst", "longest idle period, minutes (aim of the agent: under 45)", "{:.0f}"),
            ("false_stops", f"false stops in {MONTHS} months (aim of the agent: 0)", "{:.0f}"),
            ("usd", "USD a month for g5.xlarge", "{:.0f}"),
        )
    },
    **{
        f"queued_{month.replace(' ', '_')}_{policy}_{figure}": (
            f"{title}, month of {month}: {what}" if figure == "p95_s" else f"  {what}",
            form,
        )
        for month in QUEUED_MONTHS
        for policy, title in (
            ("deployed", "queue-driven service on Fargate Spot"),
            ("always", "instance that is always on"),
        )
        for figure, what, form in (
            ("p95_s", "95th of 100 requests waits", "{:.1f} s"),
            ("usd", "USD a month", "{:.2f}"),
        )
    },
}


if __name__ == "__main__":
    main()
