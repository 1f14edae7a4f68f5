"""`python -m bench.idle`: months of signals, judged by the agent and by what is commonly used in its place."""

import json
import sys
from dataclasses import asdict

import click
from rich.console import Console

from bench.idle.figures import measure
from bench.idle.machine import HARDWARE
from bench.idle.table import show


@click.command()
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1, 1000), help="How many months.")
@click.option(
    "--type", "instance_type", default="g5.xlarge", show_default=True, type=click.Choice([*HARDWARE]), help="Of EC2."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(seeds: int, instance_type: str, *, as_json: bool) -> None:
    """Replay months of plausible use, and print what idling costs and what is stopped while it is needed."""
    found = measure(seeds, instance_type)
    if as_json:
        sys.stdout.write(json.dumps({name: asdict(each) for name, each in found.items()}, indent=2) + "\n")
        return
    show(found, seeds, instance_type, Console())


if __name__ == "__main__":
    main()
