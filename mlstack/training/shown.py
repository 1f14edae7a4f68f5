"""Plans, outcomes and runs as people and machines read them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.clock import moment
from mlstack.console import grid
from mlstack.target import Target
from mlstack.text import printable
from mlstack.training.job import shown as number
from mlstack.training.listing import Column, listing
from mlstack.training.plan import Plan, shown_usd
from mlstack.training.runs import Run
from mlstack.vision.backfill.shown import duration

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"
APPROVALS = {APPROVED: "approved", PENDING: "waits for approval", REJECTED: "rejected"}
UNKNOWN_PRICE = "price: cannot be told, because a list price in it is not known; see"
FIELDS = {
    "artifacts": "artifacts",
    "report": "report",
    "compiled": "compiled",
    "endpoint": "endpoint",
    "transformed": "predictions",
}
"""What of an outcome is shown as it is."""
STEPS = (Column("step", 0), Column("what", 1), Column("an hour", 2, right=True), Column("at most", 0, right=True))
RUNS = (Column("name", 0), Column("status", 0), Column("does", 1), Column("started", 1), Column("took", 1))


def plan_table(plan: Plan, title: str) -> Table:
    """One row a step."""
    rows = []
    for step in plan.steps:
        hourly = "" if step.usd_per_hour is None else f"${step.usd_per_hour}"
        most = "not known" if step.at_most_usd is None else shown_usd(step.at_most_usd)
        rows.append((step.step, step.what, hourly, most, step.note))
    return listing(title, (*STEPS, Column("note", 3)), rows)


def price(plan: Plan, prices: str = "aws.amazon.com/sagemaker/pricing") -> str:
    """What the dearest outcome costs; ``prices`` is where AWS says what is not known here."""
    if plan.at_most_usd is None:
        return f"{UNKNOWN_PRICE} {prices}"
    if not plan.at_most_usd:
        return "price: nothing to start it; the notes say what its use costs"
    return f"price: at most {shown_usd(plan.at_most_usd)}, by list prices; what ends earlier costs less"


def outcome_table(output: Mapping[str, Any], title: str, best: Mapping[str, str] | None = None) -> Table:
    """What came of a run, and what its tuning found best, where it had one."""
    rows = grid(escape(printable(title)))
    rows.add_column("what", no_wrap=True)
    rows.add_column("is", overflow="fold")
    for what, value in (*_outcome(output), *(best or {}).items()):
        rows.add_row(escape(printable(what)), escape(printable(value)))
    return rows


def _outcome(output: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "model", str(output.get("model", ""))
    if (version := output.get("version")) is not None:
        yield "version", f"{version}, {APPROVALS.get(str(output.get('approval')), 'approval not known')}"
    if (metric := output.get("metric")) is not None:
        yield str(metric), _number(output.get("value"))
    for key, what in FIELDS.items():
        if output.get(key):
            yield what, str(output[key])


def next_steps(output: Mapping[str, Any], target: Target) -> Iterator[str]:
    """The commands that follow from an outcome."""
    model, version = output.get("model"), output.get("version")
    if output.get("endpoint"):
        name = str(output["endpoint"]).removeprefix(f"mlstack-{target.stage}-")
        yield target.command(f"predict {name} PHOTO.jpg")
    if version is None or output.get("path") == "version":
        return
    if output.get("report"):
        yield target.command(f"models show {model} {version}")
    if output.get("approval") == PENDING:
        yield target.command(f"models approve {model} {version}")
    elif not output.get("endpoint"):
        yield target.command(f"deploy {model} {version}")


def runs(found: Iterable[Run], title: str) -> Table:
    """What there is to know of each run in short."""
    rows = []
    for run in found:
        took = duration((run.ended - run.started).total_seconds()) if run.ended else ""
        rows.append((run.name, run.state, run.way, moment(run.started), took, result(run)))
    return listing(title, (*RUNS, Column("result", 2)), rows)


def result(run: Run) -> str:
    """What came of a run, in a few words."""
    if run.error or run.reason:
        return why(run)
    output = run.output or {}
    parts = [f"version {output['version']}"] if output.get("version") is not None else []
    if output.get("metric"):
        parts.append(f"{output['metric']}={_number(output.get('value'))}")
    return ", ".join(parts)


def why(run: Run) -> str:
    """Why a run failed, in one line."""
    return ": ".join(part for part in (run.error, run.reason) if part) or "it gives no reason"


def run_machine(run: Run) -> dict[str, Any]:
    """One run for machines."""
    return {
        "execution": run.name,
        "model": run.model,
        "does": run.way,
        "status": run.state,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "outcome": dict(run.output) if run.output else None,
        "error": run.error or None,
        "reason": run.reason or None,
    }


def _number(value: object) -> str:
    return number(value) if isinstance(value, int | float) else ""
