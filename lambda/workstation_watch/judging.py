"""Whether a workstation must be stopped from outside. A function of what AWS says, the settings and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from shared.silence import Silence, patience_for
from workstation_watch.settings import Settings

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
UNREADABLE = frozenset({Silence.NOT_ALLOWED, Silence.OUTAGE})
"""Where nobody can say whether the agent lives.

Other than a notebook's watch, this one stops nothing because it may not look: one wrong policy would stop all the
workstations of a stage in the midst of their training, while each still has its alarm, its daily stop, and the
longest time. The function fails instead, which its errors metric tells of.
"""


class Outcome(Enum):
    """What is done with an instance."""

    LEAVE = "leave"
    STOP = "stop"
    TERMINATE = "terminate"


class Market(Enum):
    """What an instance was bought as, as far as it decides how it can be ended."""

    STOPPABLE = "stoppable"
    """On demand, or by a persistent Spot request."""
    ONE_TIME = "one-time"
    """By a Spot request that is over with its instance, which EC2 therefore does not stop."""
    UNKNOWN = "unknown"
    """Spot, and nobody could tell of which kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workstation:
    """An instance that runs, or is about to."""

    id: str
    name: str
    """By its tag; two instances of one name are judged one by one."""
    state: str
    since: datetime
    """LaunchTime: the last start. A reboot from within does not move it, other than the machine's own uptime."""
    spot: bool = False
    request: str | None = None
    """The Spot request's id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is ended, and why or why not."""

    ends: bool
    reason: str


def patience(settings: Settings) -> timedelta:
    """How long nothing may be heard: the grace, and never so short that one lost heartbeat is a silence."""
    return max(settings.grace, patience_for(settings.heartbeat))


def longest(name: str, settings: Settings) -> timedelta:
    """How long it may run; what nobody gave a time gets the shortest of all."""
    return settings.longest.get(name, min(settings.longest.values()))


def is_over(workstation: Workstation, settings: Settings, now: datetime) -> bool:
    """Whether it has run longer than it may, whatever is heard of it."""
    return now - workstation.since > longest(workstation.name, settings)


def judge(workstation: Workstation, heard: datetime | Silence, settings: Settings, now: datetime) -> Verdict:
    """End what is too old or silent; leave the rest."""
    ran, may = now - workstation.since, longest(workstation.name, settings)
    if is_over(workstation, settings, now):
        return Verdict(ends=True, reason=f"it has run for {ran / HOUR:.4g} h and may for {may / HOUR:.4g} h")
    if heard in UNREADABLE:
        reason = f"its heartbeat cannot be read, so only its longest time of {may / HOUR:.4g} h counts"
        return Verdict(ends=False, reason=reason)
    last = workstation.since if isinstance(heard, Silence) else max(heard, workstation.since)
    if now - last > patience(settings):
        return Verdict(ends=True, reason=f"its agent has not been heard of since {last:%Y-%m-%d %H:%M} UTC")
    if last == workstation.since:
        waits = patience(settings) / MINUTE
        return Verdict(ends=False, reason=f"it has just started, and has {waits:.4g} min to be heard of")
    return Verdict(ends=False, reason=f"its agent was heard of at {last:%Y-%m-%d %H:%M} UTC")
