"""When a schedule falls due between two moments: cron, rate and at, in a time zone."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mlstack.local.schedules.cron import Cron

EXPRESSION = re.compile(r"(?P<kind>cron|rate|at)\((?P<text>[^()]*)\)")
RATE = re.compile(r"([1-9][0-9]*) (minute|hour|day)(s?)")
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
MINUTE_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """When something is to happen."""

    expression: str
    zone: str = "UTC"
    begins: float
    """From when on a rate counts, and before which nothing is due; the schedule's creation where nothing is said."""
    ends: float = math.inf
    at_once: bool = True
    """Whether a rate begins with an occurrence, as EventBridge Scheduler's; a rule's waits for its first time."""


def due(timing: Timing, after: float, until: float) -> Iterator[float]:
    """Each moment in (after, until], in seconds since 1970; raise ValueError for what is no schedule."""
    found = EXPRESSION.fullmatch(timing.expression.strip())
    if found is None:
        message = f"{timing.expression} is no schedule: cron(...), rate(...) or at(...)"
        raise ValueError(message)
    zone, text = _zone(timing.zone), found["text"].strip()
    if found["kind"] == "rate":
        moments = _rate(text, timing, after)
    elif found["kind"] == "at":
        moments = _at(text, zone)
    else:
        moments = _cron(Cron.read(text), zone, max(after, timing.begins - MINUTE_S), min(until, timing.ends))
    for moment in moments:
        if moment > min(until, timing.ends):
            return
        if moment > after and (moment >= timing.begins or found["kind"] == "at"):
            yield moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name} is no time zone"
        raise ValueError(message) from error


def _rate(text: str, timing: Timing, after: float) -> Iterator[float]:
    found = RATE.fullmatch(text)
    if found is None or (found[1] == "1") is (found[3] == "s"):
        message = f"rate({text}) is no rate: a number, and minutes, hours or days"
        raise ValueError(message)
    step = int(found[1]) * SECONDS[found[2]]
    number = max(0 if timing.at_once else 1, math.floor((after - timing.begins) / step))
    while True:
        yield timing.begins + number * step
        number += 1


def _at(text: str, zone: ZoneInfo) -> Iterator[float]:
    try:
        yield datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).timestamp()
    except ValueError as error:
        message = f"at({text}) is no date: yyyy-mm-ddThh:mm:ss"
        raise ValueError(message) from error


def _cron(cron: Cron, zone: ZoneInfo, after: float, until: float) -> Iterator[float]:
    """Minute by minute of the days that are meant.

    A local time that daylight saving skips is no minute at all; one that it repeats counts once.
    """
    minute = (math.floor(after / MINUTE_S) + 1) * MINUTE_S
    while minute <= until:
        local = datetime.fromtimestamp(minute, UTC).astimezone(zone)
        if not cron.on(local.date()):
            minute = _next_day(local)
            continue
        if not local.fold and cron.matches(local):
            yield float(minute)
        minute += MINUTE_S


def _next_day(local: datetime) -> int:
    """Its first minute; where a clock skips midnight, the first that there is."""
    following = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    here = math.floor(local.timestamp() / MINUTE_S) * MINUTE_S
    return max(here + MINUTE_S, math.floor(following.timestamp() / MINUTE_S) * MINUTE_S)
