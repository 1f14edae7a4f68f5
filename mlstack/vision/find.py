"""`mlstack vision find`: where something was seen."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice

import click
from rich.markup import escape
from rich.table import Table

from mlstack import target
from mlstack.console import err, grid, out
from mlstack.target import Target
from mlstack.text import printable
from mlstack.vision import sought
from mlstack.vision.moment import Moment
from mlstack.vision.results import Finding, Results
from mlstack.vision.sought import Sought

NOTHING_FOUND = 1
HINTS = {
    "people": "`mlstack faces list` shows who is enrolled",
    "protective_equipment": "Rekognition knows FACE_COVER, HAND_COVER and HEAD_COVER",
}
HINT = "a name is looked for as a whole, as Rekognition writes it, in capitals or not (`Dog`, not `dogs`)"


@click.command(short_help="List where something was seen, the most certain first")
@sought.options
@click.option("--min", "least", type=sought.Percent(), default=0, help="The least confidence in percent.  [default: 0]")
@click.option(
    "--since",
    type=Moment(),
    help="Only what was found since then, in UTC.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@target.options
def find(
    least: float,
    since: datetime | None,
    limit: int,
    sought: Sought | None,
    target: Target,
    *,
    as_json: bool,
) -> None:
    """Find the images and videos in which something was seen, the most certain first.

    Ends with 0 when something is found, with 1 when nothing is.

    Example: mlstack vision find --label Dog --min 90
    """
    if sought is None:
        message = "say what to look for, such as --label Dog"
        raise click.UsageError(message)
    results = Results.find(target.account, target.stage)
    from_then = since.isoformat() if since else ""
    found = list(islice(results.findings(sought.analysis, sought.name, least=least, since=from_then), limit + 1))
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found[:limit]], ensure_ascii=False, indent=2) + "\n")
    elif found:
        out.print(table(found[:limit], f"{sought.name} ({sought.analysis}) in {target.shown}"))
    if len(found) > limit:
        err.print(f"there are more than {limit}; say --limit, or a higher --min", markup=False)
    if not found:
        err.print(nothing(sought, least, since), markup=False)
        sys.exit(NOTHING_FOUND)


def nothing(sought: Sought, least: float, since: datetime | None = None) -> str:
    """That nothing is known, and what would find more, by what was asked."""
    hints = [HINTS.get(sought.analysis, HINT)]
    hints += ["a lower --min finds more"] if least else []
    hints += ["an earlier --since finds more"] if since else []
    return f"nothing is known of {printable(sought.name)} ({sought.analysis}): {'; '.join(hints)}"


def table(found: Sequence[Finding], title: str) -> Table:
    """The findings as people read them; the place in the video only where there is one."""
    videos = any(one.first_ms is not None for one in found)
    shown = grid(escape(printable(title)))
    for column in ("object", "confidence", "instances", "first", "last", "when"):
        if videos or column not in {"first", "last"}:
            numeric = column not in {"object", "when"}
            shown.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=column == "when")
    for one in found:
        place = (_seconds(one.first_ms), _seconds(one.last_ms)) if videos else ()
        cells = (one.object, f"{one.confidence:.1f}", str(one.instances), *place, one.updated_at[:19].replace("T", " "))
        shown.add_row(*(escape(printable(cell)) for cell in cells))
    return shown


def _seconds(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"
