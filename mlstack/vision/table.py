"""Verdicts as people and machines read them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.console import grid
from mlstack.text import printable
from mlstack.vision.results import Outcome
from mlstack.vision.uploads import ANALYSED, Verdict
from shared.analyses import ANALYSES

MARKS = {"analysed": "[green]analysed[/]", "refused": "[yellow]refused[/]", "failed": "[red]failed[/]"}
SHOWN = 2
CANNED = (
    "On the local AWS Rekognition's answers are AWS's own examples, the same for every photo; "
    'moderation finds something only where a name holds "moderation-example".'
)


def found(outcome: Outcome, most: int = SHOWN) -> str:
    """The most certain names with their confidence, or the reason why there are none."""
    if outcome.status != "found":
        return f"{outcome.status}: {outcome.reason}"
    best = ", ".join(f"{one.name} {one.confidence:.1f}" for one in outcome.top[:most])
    more = outcome.count - len(outcome.top[:most])
    return f"{best} and {more} more" if more > 0 else best or "nothing"


def summary(verdict: Verdict) -> str:
    """Everything in one line."""
    return "; ".join(f"{name}: {found(one, 1)}" for name, one in verdict.analyses.items()) or verdict.reason


def table(verdicts: Sequence[Verdict], title: str) -> Table:
    """One row a photo, one column an analysis."""
    names = [name for name in ANALYSES if any(name in verdict.analyses for verdict in verdicts)]
    rows = grid(escape(title))
    rows.add_column("photo", overflow="fold")
    rows.add_column("verdict", overflow="fold")
    for name in names:
        rows.add_column(name.replace("_", " "), overflow="fold")
    for verdict in verdicts:
        mark = MARKS.get(verdict.status, f"[red]{verdict.status}[/]")
        if verdict.status == ANALYSED:
            cells = [found(verdict.analyses[name]) if name in verdict.analyses else "" for name in names]
        else:
            mark, cells = f"{mark}: {escape(printable(verdict.reason))}", []
        rows.add_row(escape(printable(verdict.photo.name)), mark, *(escape(printable(cell)) for cell in cells))
    return rows


def machine(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "photo": str(verdict.photo),
            "object": verdict.uri,
            "status": verdict.status,
            "analyses": {name: asdict(outcome) for name, outcome in verdict.analyses.items()},
            "reason": verdict.reason or None,
        }
        for verdict in verdicts
    ]
