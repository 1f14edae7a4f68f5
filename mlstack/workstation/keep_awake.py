"""`mlstack workstation keep-awake`."""

import re
from datetime import UTC, datetime, timedelta

import click

from catalogue.spelling import meant
from mlstack import target as targets
from mlstack.clock import moment, span
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.price import UNKNOWN
from mlstack.target import Target
from mlstack.text import printable
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.machine import KEEP_AWAKE, Machine
from mlstack.workstation.settings import Settings
from mlstack.workstation.workstation import Workstation

MOST_WORDS = 2
OFF = "off"
FORMS = f"say 2h, 90m or 2h30m, with h for hours and m for minutes, or {OFF}"
TIME = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?", re.ASCII)
"""As the command of the same name on the machine understands it."""


def time_of(text: str) -> timedelta | None:
    """How long, None for off; raise UsageError for what is neither."""
    if text == OFF:
        return None
    found = TIME.fullmatch(text)
    time = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0)) if found else timedelta(0)
    if not time:
        message = f"{printable(text)} is no time: {FORMS}"
        raise click.UsageError(message)
    return time


@click.command("keep-awake", short_help="Keep a workstation awake for some hours")
@click.argument("words", metavar="[NAME] [TIME|off]", nargs=-1)
@targets.options
def keep_awake(words: tuple[str, ...], target: Target) -> None:
    """Keep workstation NAME awake for TIME from now, such as 2h, though nobody uses it; off ends that.

    Without either it says until when it is kept. NAME may be left out where the stage has one only. Its profile's
    keep_awake_hours bounds the time, and the daily stop and the maximum lifetime hold all the same.

    Example: mlstack workstation keep-awake trainer 2h
    """
    if len(words) > MOST_WORDS:
        message = "say at most a workstation's name and a time"
        raise click.UsageError(message)
    name, text = words if len(words) == MOST_WORDS else (None, words[0] if words else "")
    if not words or (name is None and not _is_time(text)):
        _tell(_asked_about(Fleet.find(target), text))
        return
    time = time_of(text)
    found = Fleet.find(target).pick(name)
    if time is None:
        _end_wish(found)
        return
    settings = found.agreed()
    _check(found, settings, time)
    machine = found.running()
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + time
    found.ec2.create_tags(Resources=[machine.id], Tags=[{"Key": KEEP_AWAKE, "Value": f"{until:%Y-%m-%dT%H:%M:%SZ}"}])
    usd = settings.price.usd_for(time)
    cost = f"about ${usd}" if usd is not None else f"a price that is {UNKNOWN}"
    err.print(f"{found.shown_name} is kept awake until {moment(until)}, which may cost {cost}", markup=False)
    err.print(_end(settings, machine, now, until), markup=False)


def _is_time(text: str) -> bool:
    return text == OFF or text[:1].isdigit() or TIME.fullmatch(text) is not None


def _asked_about(fleet: Fleet, name: str) -> Workstation:
    """The workstation of which a person wants to know until when it is kept awake."""
    names = [one.name for one in fleet.members]
    if name and names and name not in names:
        hint = meant(name, names, FORMS)
        message = f"{printable(name)} is neither a workstation of this stage nor a time; {printable(hint)}"
        raise click.UsageError(message)
    return fleet.pick(name or None)


def _tell(found: Workstation) -> None:
    """Say until when it is kept awake; a wish that was made on the machine is known there alone."""
    machine = found.running()
    there = "`keep-awake` on the machine tells of a wish that was made there"
    until = machine.kept_until
    if machine.keep_awake_tag and until is None:
        said = f"is kept awake until a time that is {UNKNOWN}: the tag says {printable(machine.keep_awake_tag)}"
    elif until and until > datetime.now(UTC):
        said = f"is kept awake until {moment(until)}"
    else:
        said = f"is not kept awake; {there}"
    out.print(f"{found.shown_name} {said}", markup=False)


def _end_wish(found: Workstation) -> None:
    machine = found.existing()
    found.ec2.delete_tags(Resources=[machine.id], Tags=[{"Key": KEEP_AWAKE}])
    outcome = "stops again when nobody uses it" if machine.is_running else f"is {machine.state}: nothing keeps it awake"
    err.print(f"{found.shown_name} {outcome}", markup=False)


def _check(found: Workstation, settings: Settings, time: timedelta) -> None:
    if settings.keep_awake_hours is None:
        message = f"workstation {found.shown_name} says no keep_awake_hours that bounds it; deploy the stage again"
        raise UserError(message)
    bound = timedelta(hours=settings.keep_awake_hours)
    if not bound:
        message = f"workstation {found.shown_name} is never kept awake: its profile says keep_awake_hours = 0"
        raise UserError(message)
    if time > bound:
        message = (
            f"workstation {found.shown_name} is kept awake for at most {span(bound)} "
            f"(keep_awake_hours of [workstations.{found.shown_name}])"
        )
        raise UserError(message)


def _end(settings: Settings, machine: Machine, now: datetime, until: datetime) -> str:
    """What ends it all the same, and when."""
    latest = settings.latest_stop(machine.launched_at, now)
    if latest is None:
        return "nothing else is known that stops it: stop it yourself"
    belt = "the daily stop" if latest == settings.next_daily_stop(now) else "its maximum lifetime (max_hours)"
    sooner = "before that, " if latest < until else ""
    return f"{sooner}{belt} stops it all the same at {moment(latest)}"
