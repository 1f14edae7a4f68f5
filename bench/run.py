"""`make bench`: the figures that the project reports, as ratios against a floor in the same run."""

import json
import platform
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "lambda")]

from bench import function, synth  # noqa: E402  # the project's folders are on the path only now

AIM = 3.0


@click.command()
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(1, 100), help="How often each is measured.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(rounds: int, *, as_json: bool) -> None:
    """Measure the synthesis of the default profile and the function's own time per image."""
    made = synth.measure(rounds)
    per_image_ms, calls = function.measure(rounds * 10)
    ratio = made["full"].seconds / made["empty"].seconds
    figures = {
        "synth_empty_s": made["empty"].seconds,
        "synth_full_s": made["full"].seconds,
        "synth_ratio": ratio,
        "synth_full_peak_mib": made["full"].peak_mib,
        "function_ms_per_image": per_image_ms,
        "function_aws_calls_per_image": calls,
    }
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
        return
    machine = f"median of {rounds} on {platform.machine()}, Python {platform.python_version()}"
    table = Table("figure", "value", title=f"Bench ({machine})", title_justify="left")
    table.add_row("synth of an empty CDK app, validation off", f"{made['empty'].seconds:.2f} s")
    table.add_row("synth of the default profile, validation off", f"{made['full'].seconds:.2f} s")
    table.add_row(f"ratio (aim: under {AIM:.0f})", f"{ratio:.2f}")
    table.add_row("peak memory of that synth", f"{made['full'].peak_mib:.0f} MiB")
    table.add_row("function's own time per image, network cut out", f"{per_image_ms:.1f} ms")
    table.add_row("its calls to AWS per image", f"{calls:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
