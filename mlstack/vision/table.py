"""Verdicts as people and machines read them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.console import grid
from mlstack.text import printable
from mlstack.vision.results import Outcome
from mlstack.vision.uploads import ANALYSED, Verdict
from shared.analyses import ANALYSES
from shared.video_analyses import VIDEO_ANALYSES

MARKS = {ANALYSED: "[green]analysed[/]", "refused": "[yellow]refused[/]", "failed": "[red]failed[/]"}
COLUMNS = tuple(dict.fromkeys((*ANALYSES, *VIDEO_ANALYSES)))
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


def seen(verdict: Verdict, analysis: str) -> str:
    """The same of one analysis; with the time at which a video shows it."""
    outcome = verdict.analyses.get(analysis)
    if outcome is None:
        return ""
    if not verdict.video or outcome.status != "found":
        return found(outcome)
    timed = [f"{one.name} {one.confidence:.1f}{_time(verdict, analysis, one.name)}" for one in outcome.top[:SHOWN]]
    more = outcome.count - len(timed)
    return ", ".join(timed) + (f" and {more} more" if more > 0 else "") or "nothing"


def _time(verdict: Verdict, analysis: str, name: str) -> str:
    if (analysis, name) not in verdict.spans:
        return ""
    first, last = (f"{at // 60_000}:{at // 1000 % 60:02}" for at in verdict.spans[analysis, name])
    return f" at {first}" if first == last else f" from {first} to {last}"


def shown_names(files: Sequence[Path]) -> list[str]:
    """Each file's name, or its whole path where another one has the same name."""
    names = Counter(file.name for file in dict.fromkeys(files))
    return [str(file) if names[file.name] > 1 else file.name for file in files]


def summary(verdict: Verdict) -> str:
    """Everything in one line."""
    return "; ".join(f"{name}: {found(one, 1)}" for name, one in verdict.analyses.items()) or verdict.reason


def is_flagged(verdict: Verdict) -> bool:
    """Whether moderation found something in it."""
    outcome = verdict.analyses.get("moderation")
    return bool(outcome and outcome.count)


def table(verdicts: Sequence[Verdict], title: str) -> Table:
    """One row a photo, one column an analysis."""
    names = [name for name in COLUMNS if any(name in verdict.analyses for verdict in verdicts)]
    rows = grid(escape(title))
    rows.add_column("video" if verdicts and all(one.video for one in verdicts) else "photo", overflow="fold")
    rows.add_column("verdict", overflow="fold")
    for name in names:
        rows.add_column(name.replace("_", " "), overflow="fold")
    for verdict, name in zip(verdicts, shown_names([one.photo for one in verdicts]), strict=True):
        mark = MARKS.get(verdict.status, f"[red]{verdict.status}[/]")
        if verdict.status == ANALYSED:
            if verdict.known_since:
                mark = f"already {mark} at {verdict.known_since[:19].replace('T', ' ')}"
            cells = [seen(verdict, analysis) for analysis in names]
        else:
            mark, cells = f"{mark}: {escape(printable(verdict.reason))}", []
        rows.add_row(escape(printable(name)), mark, *(escape(printable(cell)) for cell in cells))
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
            "known_since": verdict.known_since or None,
            **({"spans": _spans(verdict)} if verdict.video else {}),
        }
        for verdict in verdicts
    ]


def _spans(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {"analysis": analysis, "name": name, "first_ms": first, "last_ms": last}
        for (analysis, name), (first, last) in verdict.spans.items()
    ]
