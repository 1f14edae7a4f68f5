"""Several workstations in one short table, a line each."""

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from mlstack.clock import moment, span
from mlstack.console import grid
from mlstack.price import UNKNOWN
from mlstack.text import printable
from mlstack.workstation.machine import STOPPED
from mlstack.workstation.report import Report

COLUMNS = ("name", "state", "type", "idle or since", "goes off", "price")


def overview(title: str, reports: Iterable[Report]) -> Table:
    """The table."""
    table = grid(escape(printable(title)))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for report in reports:
        table.add_row(*(escape(printable(value)) for value in line(report)))
    return table


def line(report: Report) -> tuple[str, ...]:
    """One workstation."""
    machine = report.machine
    return (
        report.workstation.name,
        report.state,
        machine.instance_type if machine else "",
        _use(report),
        _end(report),
        _price(report),
    )


def _use(report: Report) -> str:
    """How long nobody has used it, or since when it runs or is off."""
    if report.kept_until and report.uptime:
        return f"kept awake until {moment(report.kept_until)}"
    if report.heartbeat:
        return f"idle {span(report.heartbeat.idle)}"
    if report.uptime:
        return f"runs since {moment(report.uptime.since)}"
    return f"off since {moment(report.went_off.at)}" if report.went_off and report.went_off.at else ""


def _end(report: Report) -> str:
    """The sooner of its own ends: when it is idle, and in any case."""
    ends = [end for end in (report.idle_stop, report.latest_stop) if end]
    if ends:
        return moment(max(min(ends), report.now))
    return UNKNOWN if report.uptime else ""


def _price(report: Report) -> str:
    """What it costs as it is now."""
    if report.machine is None:
        return ""
    return report.volume.price if report.state == STOPPED else report.running_price
