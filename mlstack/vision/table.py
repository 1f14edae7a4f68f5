"""Verdicts as people and machines read them."""

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.console import grid
from mlstack.text import printable
from mlstack.vision.labelling import Verdict

MARKS = {"labelled": "[green]labelled[/]", "refused": "[yellow]refused[/]", "failed": "[red]failed[/]"}
SHOWN_LABELS = 4
CANNED = "On the local AWS Rekognition's answers are canned: every photo gets the same labels."


def summary(verdict: Verdict, most: int = SHOWN_LABELS) -> str:
    """The best labels with their confidence, or the reason why there are none."""
    best = ", ".join(f"{name} {confidence:.1f}" for name, confidence in verdict.labels[:most])
    more = len(verdict.labels) - most
    return (f"{best} and {more} more" if more > 0 else best) or verdict.reason or "no label reached the threshold"


def table(verdicts: Sequence[Verdict], title: str) -> Table:
    """One row a photo."""
    rows = grid(title)
    rows.add_column("photo", overflow="fold")
    rows.add_column("verdict", no_wrap=True)
    rows.add_column("labels with confidence in %, or the reason", overflow="fold")
    for verdict in verdicts:
        mark = MARKS.get(verdict.status, f"[red]{verdict.status}[/]")
        rows.add_row(escape(printable(verdict.photo.name)), mark, escape(printable(summary(verdict))))
    return rows


def machine(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {
            "photo": str(verdict.photo),
            "status": verdict.status,
            "labels": [{"name": name, "confidence": confidence} for name, confidence in verdict.labels],
            "reason": verdict.reason or None,
            "document": verdict.document or None,
        }
        for verdict in verdicts
    ]
