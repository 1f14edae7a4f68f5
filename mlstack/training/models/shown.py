"""Versions and their reports as people and machines read them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.clock import moment
from mlstack.console import grid, out
from mlstack.text import printable
from mlstack.training.job import shown as number
from mlstack.training.listing import Column, listing
from mlstack.training.models.registry import Version
from mlstack.training.models.report import Report
from mlstack.training.order import OWN
from mlstack.training.shown import APPROVALS

METRIC, VALUE, GATE, EXECUTION, HYPERPARAMETERS, DATA = (
    "metric",
    "value",
    "gate",
    "execution",
    "hyperparameters",
    "train",
)
TRAINED_BY = ("algorithm", "path", "instance_type", "spot")
"""What of a version's metadata says in short how it was trained."""
IN_WORDS = frozenset({METRIC, VALUE, GATE, EXECUTION, HYPERPARAMETERS, DATA, *TRAINED_BY})
"""What of it is shown in other words than its own."""
WAYS = {"train": "one training", "tune": "the best of a tuning"}
VERSIONS = (Column("model", 0), Column("version", 0, right=True), Column("approval", 0), Column("metric", 1))
MADE = (Column("made", 1), Column("trained by", 2), Column("run", 3))
STRONGEST = 60
"""How much of a cell's colour the largest count of its row gets, of a hundred."""


def versions(found: Iterable[Version], title: str) -> Table:
    """What there is to know of each version in short."""
    rows = [
        (one.model, str(one.number), approval(one), metric(one), moment(one.created), trained_by(one), run(one))
        for one in found
    ]
    return listing(title, (*VERSIONS, *MADE), rows)


def approval(version: Version) -> str:
    """Whether it may be deployed."""
    told = APPROVALS.get(version.approval, version.approval or "not known")
    return told if version.status == "Completed" else f"{version.status.lower()}, {told}"


def metric(version: Version) -> str:
    """What it was judged by."""
    name, value = version.metadata.get(METRIC), version.metadata.get(VALUE)
    if not name or not value:
        return ""
    try:
        return f"{name}={number(float(value))}"
    except ValueError:
        return f"{name}={value}"


def trained_by(version: Version) -> str:
    """By what, how and on what it was trained."""
    algorithm, way, machine, spot = (version.metadata.get(key, "") for key in TRAINED_BY)
    what = "the project's image" if algorithm == OWN else algorithm
    on = f"on {'spot ' if spot == 'spot' else ''}{machine}" if machine else ""
    how = " ".join(part for part in (WAYS.get(way, way), on) if part)
    return ", ".join(part for part in (what, how) if part)


def run(version: Version) -> str:
    """The run that made it."""
    return version.metadata.get(EXECUTION, "")


def details(version: Version, title: str, best: Mapping[str, str] | None = None) -> Table:
    """Everything about one version, with what its tuning found best."""
    rows = grid(escape(title))
    rows.add_column("what", no_wrap=True)
    rows.add_column("is", overflow="fold")
    for what, value in _details(version, best or {}):
        if value:
            rows.add_row(escape(printable(what)), escape(printable(value)))
    return rows


def _details(version: Version, best: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    told = version.metadata
    yield "approval", approval(version)
    yield "because", version.because
    yield "made", moment(version.created)
    yield "trained by", trained_by(version)
    yield "hyperparameters", told.get(HYPERPARAMETERS, "")
    yield from best.items()
    yield "metric", ", wanted: ".join(part for part in (metric(version), told.get(GATE, "")) if part)
    yield "run", run(version)
    yield "description", "" if run(version) and run(version) in version.description else version.description
    yield "data", told.get(DATA, "")
    yield "artifacts", version.artifacts
    yield "report", version.report
    yield from sorted((name, value) for name, value in told.items() if name not in IN_WORDS)


def metrics(report: Report) -> Table:
    """The numbers over all labels."""
    rows = grid("Evaluation")
    rows.add_column("metric", overflow="fold")
    rows.add_column("value", justify="right")
    for name, value in report.metrics.items():
        rows.add_row(escape(printable(name)), f"{value:.4f}")
    return rows


def scores(report: Report) -> Table:
    """One row a label."""
    rows = grid("By label")
    rows.add_column("label", overflow="fold")
    for column in ("precision", "recall", "f1", "pictures"):
        rows.add_column(column, justify="right")
    for one in report.scores:
        numbers = (f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", f"{one.count:,}")
        rows.add_row(escape(printable(one.label)), *numbers)
    return rows


def confusion(report: Report) -> Table:
    """What each label, a row, was taken for; in a terminal the more the darker."""
    rows = grid("What each was taken for")
    rows.add_column("is", overflow="fold")
    for label in report.labels:
        rows.add_column(escape(printable(label)), justify="right")
    for place, (label, counts) in enumerate(zip(report.labels, report.rows, strict=False)):
        most = sum(counts) or 1
        cells = [_cell(count, count / most, right=place == column) for column, count in enumerate(counts)]
        rows.add_row(escape(printable(label)), *cells)
    return rows


def _cell(count: int, share: float, *, right: bool) -> str:
    if not count or not out.is_terminal:
        return f"{count:,}"
    light = round(255 * share * STRONGEST / 100)
    colour = f"#00{light + 40:02x}00" if right else f"#{light + 40:02x}0000"
    return f"[on {colour}]{count:,}[/]"


def machine(version: Version, report: Report | None = None) -> dict[str, Any]:
    """One version for machines."""
    told: dict[str, Any] = {
        "model": version.model,
        "version": version.number,
        "arn": version.arn,
        "approval": version.approval,
        "status": version.status,
        "made": version.created.isoformat(),
        "because": version.because or None,
        "artifacts": version.artifacts or None,
        "report": version.report or None,
        "metadata": dict(version.metadata),
    }
    return told if report is None else {**told, "evaluation": evaluation(report)}


def evaluation(report: Report) -> dict[str, Any]:
    """A report for machines."""
    return {
        "metrics": dict(report.metrics),
        "per_class": {
            one.label: {"precision": one.precision, "recall": one.recall, "f1": one.f1, "count": one.count}
            for one in report.scores
        },
        "confusion_matrix": {"labels": list(report.labels), "rows": [list(row) for row in report.rows]},
    }
