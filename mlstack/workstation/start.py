"""`mlstack workstation start`."""

from datetime import UTC, datetime

import click

from mlstack import target as targets
from mlstack.clock import moment, span
from mlstack.console import err
from mlstack.journey import travel
from mlstack.patience import Patience
from mlstack.steps import step
from mlstack.target import Target
from mlstack.workstation.alarm import has_hit, yet_to_ring
from mlstack.workstation.argument import name_argument, timeout_option
from mlstack.workstation.course import Restart
from mlstack.workstation.drive import Drive
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.machine import Machine
from mlstack.workstation.settings import Settings
from mlstack.workstation.workstation import Workstation


@click.command(short_help="Start a workstation and wait until one can log in")
@name_argument
@timeout_option
@targets.options
def start(name: str | None, timeout: int, target: Target) -> None:
    """Start workstation NAME and wait until one can log in; say first what it costs and when it stops itself.

    NAME may be left out where the stage has one only.

    Example: mlstack workstation start trainer
    """
    found = Fleet.find(target).pick(name)
    machine, settings = found.existing(), found.agreed()
    err.print(f"price of {machine.instance_type} while it runs: {settings.running_price}", markup=False)
    err.print(settings.promise, markup=False)
    drive = Drive(workstation=found, id=machine.id, wants_session=not target.account.is_local, tells_request=True)
    if machine.is_running and (seen := drive.seen()).machine.is_running and seen.reachable:
        _tell_of_run(found, seen.machine, settings, is_new=False)
        return
    course = Restart(lambda hit: has_hit(target.account.client("cloudwatch"), hit), _tell_of_alarm)
    try:
        with step(f"Starting {found.shown_name}") as tell:
            now = travel(drive, course, drive.start, Patience(timeout), tell).machine
    except KeyboardInterrupt:
        err.print(f"it may go on starting, and cost; `{found.command('stop')}` stops it", markup=False)
        raise
    _tell_of_run(found, now, settings, is_new=True)


def _tell_of_run(found: Workstation, machine: Machine, settings: Settings, *, is_new: bool) -> None:
    now = datetime.now(UTC)
    latest = settings.latest_stop(machine.launched_at, now)
    since = "" if is_new else f" already, since {moment(machine.launched_at)} ({span(now - machine.launched_at)})"
    ends = f", until {moment(latest)} at the latest" if latest else ""
    err.print(f"{found.shown_name} runs{since}{ends}{_ways(found, settings)}", markup=False)
    _warn_of_alarm(found, machine)


def _ways(found: Workstation, settings: Settings) -> str:
    """How to get in, where there is something to get into."""
    if found.target.account.is_local:
        return ""
    other = f" or `{found.command('jupyter')}`" if settings.jupyter else ""
    return f"; open it with `{found.command('ssh')}`{other}"


def _warn_of_alarm(found: Workstation, machine: Machine) -> None:
    """Say that the alarm may still ring for the time that it was off, where it may."""
    ring = yet_to_ring(found.target.account.client("cloudwatch"), machine, datetime.now(UTC))
    if ring is None:
        return
    outcome = (
        "terminate it, disk and all: leave nothing on it that you need"
        if ring.terminates
        else f"stop it: start it again then with `{found.command('start')}`"
    )
    until = moment(ring.until)
    err.print(f"until about {until} its alarm may ring once for the time that it was off, and {outcome}", markup=False)


def _tell_of_alarm() -> None:
    err.print("the alarm for its last run came late and stopped it as it started; starting it once again", markup=False)
