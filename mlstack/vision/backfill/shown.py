"""A backfill's plan, price and runs as people and machines read them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

from mlstack.bill.rekognition import BY_THE_HOUR
from mlstack.console import grid
from mlstack.text import printable
from mlstack.vision.backfill.plan import Plan
from mlstack.vision.backfill.price import AROUND, Quote
from mlstack.vision.backfill.runs import Progress, Run
from mlstack.vision.backfill.selection import Tally, reasons

NAME_WIDTH = len("bf-20261121-093000-3fa9")
LIST_PRICES = "list prices of us-east-1, as if the month had no other call; docs/vision.md says what is not verified"
UNKNOWN_TIME = "time: cannot be told, because the stage names no calls per second"


def usd(amount: Decimal) -> str:
    """An amount of money, never shown lower than it is."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_UP):,}"


def duration(seconds: float) -> str:
    """A time in its two largest units."""
    whole = timedelta(seconds=round(seconds))
    hours, minutes = divmod(whole.seconds // 60, 60)
    if whole.days:
        return f"{whole.days:,} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {whole.seconds % 60} s"


def calls(plan: Plan, title: str) -> Table:
    """One row an analysis."""
    rows = grid(escape(printable(title)))
    rows.add_column("analysis")
    rows.add_column("calls at most", justify="right")
    for name, number in plan.calls.items():
        rows.add_row(name, f"{number:,}")
    return rows


def lines(plan: Plan, quote: Quote, tally: Tally | None = None) -> list[str]:
    """How many objects, at what price, in what time."""
    seen = f" of {tally.seen:,}" if tally else ""
    left_out = f" ({', '.join(reasons(tally.skipped))})" if tally and tally.skipped else ""
    around = f"about {usd(quote.around_usd)} for {AROUND}"
    extra = f"; {', '.join(quote.unpriced)} {BY_THE_HOUR}, so it is not in this price" if quote.unpriced else ""
    return [
        f"objects: {plan.objects:,}{seen}{left_out}",
        f"price: at most {usd(quote.rekognition_usd)} for Rekognition, and {around}{extra}",
        "at most, because objects already analysed are not billed again",
        LIST_PRICES,
        f"time: at least {duration(quote.seconds)}" if quote.seconds is not None else UNKNOWN_TIME,
    ]


def machine(plan: Plan, quote: Quote, tally: Tally | None = None) -> dict[str, Any]:
    """The same for machines."""
    return {
        "name": plan.name,
        "source": plan.source,
        "analyses": plan.analyses,
        "objects": plan.objects,
        "batches": plan.batches,
        "calls": plan.calls,
        "rekognition_usd_at_most": float(quote.rekognition_usd),
        "around_usd_about": float(quote.around_usd),
        "not_priced": quote.unpriced,
        "seconds_at_least": quote.seconds,
        "seen": tally.seen if tally else None,
        "skipped": {reason.name.lower(): number for reason, number in tally.skipped.items()} if tally else None,
    }


def state(status: str) -> str:
    """How a run's status is called here: what a person stopped is stopped, in Step Functions' words aborted."""
    return "stopped" if status == "ABORTED" else status.lower().replace("_", " ")


def outcome(status: str, progress: Progress) -> dict[str, Any]:
    """How a run ended, for machines."""
    return {
        "status": state(status),
        "batches_done": progress.done,
        "batches_failed": progress.failed,
        "batches_total": progress.total,
    }


def runs(found: Iterable[tuple[Run, Progress]], title: str) -> Table:
    """One row a run; its name is never cut, because it is what the other commands take."""
    rows = grid(escape(title))
    rows.add_column("name", no_wrap=True, min_width=NAME_WIDTH)
    rows.add_column("status", no_wrap=True)
    for column in ("started", "objects", "batches", "source"):
        rows.add_column(column, justify="right" if column == "objects" else "left", overflow="fold")
    for run, progress in found:
        rows.add_row(
            escape(run.name),
            state(run.status),
            f"{run.started:%Y-%m-%d %H:%M}",
            f"{run.plan.objects:,}" if run.plan else "",
            f"{progress.done:,} of {progress.total:,}" + (f", {progress.failed:,} failed" if progress.failed else ""),
            escape(printable(run.plan.source)) if run.plan else "",
        )
    return rows


def run_machine(run: Run, progress: Progress) -> Mapping[str, Any]:
    """One run for machines."""
    return {
        "name": run.name,
        "started": run.started.isoformat(),
        "source": run.plan.source if run.plan else None,
        "objects": run.plan.objects if run.plan else None,
        **outcome(run.status, progress),
    }
