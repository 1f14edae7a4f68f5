"""`mlstack faces list`."""

import json
import sys

import click
from rich.markup import escape

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.target import Target
from mlstack.text import counted, printable
from mlstack.vision.faces.collection import Collection

# https://aws.amazon.com/rekognition/pricing/ as read in November 2026, not checked against a bill
USD_PER_FACE_AND_MONTH = 0.00001


@click.command(name="list", short_help="Show who is enrolled, with how many faces")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def people(*, as_json: bool, target: Target) -> None:
    """Show who is enrolled, with how many faces.

    Example: mlstack faces list
    """
    known = sorted(Collection.find(target).people().items())
    total = sum(count for _, count in known)
    if as_json:
        told = {"people": [{"person": name or None, "faces": count} for name, count in known]}
        sys.stdout.write(
            json.dumps(told | {"usd_per_month": round(total * USD_PER_FACE_AND_MONTH, 5)}, indent=2) + "\n"
        )
        return
    if not known:
        err.print(f"nobody is enrolled in {target.shown}; `mlstack faces enrol` does it", markup=False)
        return
    shown = grid(escape(printable(f"Enrolled in {target.shown}")))
    shown.add_column("person", overflow="fold")
    shown.add_column("faces", justify="right")
    for name, count in known:
        shown.add_row(escape(printable(name)) or "(without a name)", f"{count:,}")
    out.print(shown)
    usd = f"${total * USD_PER_FACE_AND_MONTH:.5f}"
    price = f"{counted(total, 'face costs', 'faces cost')} about {usd} a month (list price, not verified)"
    out.print(price, style="dim", markup=False)
