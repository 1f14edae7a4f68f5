"""What is printed: a table for each month, and what its figures rest on."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from bench.queued.assumptions import HOUR, MINUTE, SOURCES, Assumptions, Span
from bench.queued.figures import Figures
from bench.queued.policies import ALWAYS_ON, GPU_TYPE, policies
from bench.queued.service import Service

COLUMNS = (
    "requests",
    "wait p50",
    "wait p95",
    "wait max",
    "wakes",
    "task h",
    "inst. h",
    "interrupted",
    "USD a month",
    "USD per 1,000",
    "of always-on",
)
LIMITS = (
    "Wait: from the object in S3 until its answer lies there. Nothing here ran on AWS: it is a simulation.",
    f"The inference image uses no GPU: of {GPU_TYPE} only the processors work; what is deployed is on Fargate.",
    "Spot is always to be had here; where it is not, tasks wait, and nothing is paid.",
    "S3, EventBridge, logs and the registry cost the same under every policy and are left out; so is the free tier.",
    "A burstable instance (t3) is taken at full speed, without what it bills beyond its credits.",
    "SQS promises no order; here the oldest message is received first, and one that is given back goes last.",
)


def show(found: Mapping[str, Mapping[str, Figures]], service: Service, assumed: Assumptions, console: Console) -> None:
    """Print all months and the notes."""
    size = f"{service.vcpu:g} vCPU, {service.memory_gb:g} GB, {service.architecture}"
    reach = f"{service.scaling.least} to {service.scaling.most} tasks"
    console.print(f"A service of {size}, {reach}, from {service.source}.\n", highlight=False)
    for name, rows in found.items():
        console.print(_table(name, rows))
    first = policies(service, assumed)[0]
    console.print(
        f"\n{ALWAYS_ON}: {first.instance_type}, the cheapest with a known price on which a task fits.", highlight=False
    )
    for limit in LIMITS:
        console.print(f"- {limit}", highlight=False)
    console.print("\nWhat the figures rest on:", highlight=False)
    for what, source in SOURCES.items():
        console.print(f"- {what}{_values(what, assumed)}: {source}", highlight=False)


def _table(name: str, rows: Mapping[str, Figures]) -> Table:
    table = Table(title=name, title_justify="left", box=box.SIMPLE, padding=0, show_edge=False)
    table.add_column("policy", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", min_width=max(map(len, column.split())))
    for policy, each in rows.items():
        table.add_row(
            policy,
            f"{each.answered}" if each.answered == each.requests else f"{each.answered} of {each.requests}",
            *(duration(seconds) for seconds in (each.wait_p50_s, each.wait_p95_s, each.wait_max_s)),
            f"{each.wakes}",
            f"{each.task_hours:.1f}",
            f"{each.instance_hours:.1f}",
            f"{each.interruptions}",
            f"{each.usd:.2f}",
            "-" if each.usd_per_1000 is None else f"{each.usd_per_1000:.3f}",
            f"{each.ratio:.3f}",
        )
    return table


def duration(seconds: float | None) -> str:
    """In the unit that fits."""
    if seconds is None:
        return "-"
    if seconds < MINUTE:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 (two digits of it)
    return f"{seconds / MINUTE:.1f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"


def _values(names: str, assumed: Assumptions) -> str:
    """The figures that a source speaks of, where it speaks of some."""
    values = [getattr(assumed, name, None) for name in names.replace(" and ", ", ").split(", ")]
    shown = [
        f"{one.low:g} to {one.high:g}" if isinstance(one, Span) else f"{one:g}" for one in values if one is not None
    ]
    return f" ({', '.join(shown)})" if shown else ""
