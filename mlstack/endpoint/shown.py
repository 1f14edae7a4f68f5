"""Verdicts as people and machines read them."""

import json
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from mlstack.console import grid, out
from mlstack.endpoint.verdict import FAILED, LATE, PREDICTED, REFUSED, Answer, Json, Verdict
from mlstack.text import printable

MARKS = {REFUSED: "[yellow]refused[/]", FAILED: "[red]failed[/]", LATE: "[red]late[/]"}
BAR_CELLS = 12
EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(score: float) -> str:
    """A score from 0 to 1 as a bar; what is beyond is cut."""
    full, eighths = divmod(round(min(max(score, 0.0), 1.0) * BAR_CELLS * 8), 8)
    return ("█" * full + EIGHTHS[eighths]).rstrip()


def table(verdicts: Sequence[Verdict], title: str, top: int) -> Table:
    """One row a prediction; bars in a terminal, and the photo in every row without one."""
    rows = grid(escape(title))
    rows.add_column("photo", overflow="fold")
    rows.add_column("label", overflow="fold")
    rows.add_column("score", justify="right")
    rows.add_column("", no_wrap=True)
    for verdict in verdicts:
        photo = escape(printable(str(verdict.photo)))
        answer = verdict.answer or Answer()
        for number, one in enumerate((answer.predictions or ())[:top]):
            filled = f"[cyan]{bar(one.score)}[/]" if out.is_terminal else ""
            name = "" if number and out.is_terminal else photo
            rows.add_row(name, escape(printable(one.label)), f"{one.score:.3f}", filled)
        if verdict.status != PREDICTED:
            rows.add_row(photo, f"{MARKS[verdict.status]}: {escape(printable(verdict.reason))}")
        elif not answer.predictions:
            rows.add_row(photo, "[dim]see below[/]" if answer.predictions is None else "[dim]no label[/]")
    return rows


def others(verdicts: Sequence[Verdict]) -> str:
    """The answers that have another shape, each whole, under the name of its photo."""
    return "".join(
        f"\n{printable(str(one.photo))}:\n{_lines(one.answer.other)}\n"
        for one in verdicts
        if one.answer and one.answer.predictions is None
    )


def _lines(said: Json) -> str:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=2)
    return "\n".join(printable(line.expandtabs()) for line in text.splitlines())


def machine(verdicts: Sequence[Verdict], top: int) -> str:
    """The same for machines: JSON, whatever the names and the answers hold."""
    text = json.dumps([_plain(one, top) for one in verdicts], ensure_ascii=False, indent=2)
    return text.encode("utf-8", "backslashreplace").decode()  # half a character becomes JSON's own escape


def _plain(verdict: Verdict, top: int) -> Json:
    answer = verdict.answer or Answer()
    listed = None if answer.predictions is None else answer.predictions[:top]
    return {
        "photo": str(verdict.photo),
        "status": verdict.status,
        "predictions": None if listed is None else [{"label": one.label, "score": one.score} for one in listed],
        "answer": answer.other,
        "reason": verdict.reason or None,
        "answer_at": verdict.answer_at or None,
    }
