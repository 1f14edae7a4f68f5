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

from bench import function, serving, synth, throughput, training  # noqa: E402  # the project's folders are on the path only now

AIM, RATE_AIM = 3.0, 1.3
RATE, FUNCTIONS, IMAGES = 20, 24, 200
Figures = Mapping[str, float]


@click.command()
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(1, 100), help="How often each is measured.")
@click.option("--only", type=click.Choice(["synth", "function", "serving", "training"]), help="Measure one of them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(rounds: int, only: str | None, *, as_json: bool) -> None:
    """Measure the synthesis of the default profile, the image function, the inference server and the training."""
    measures = {"synth": _synth, "function": _function, "serving": _serving, "training": _training}
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
}


if __name__ == "__main__":
    main()
