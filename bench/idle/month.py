"""Thirty days of a workstation, drawn from a seed: what is done on it, and when it is needed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from random import Random
from typing import TypeVar

from bench.idle import people
from bench.idle.activity import Activity, chance
from bench.idle.jobs import JOBS
from bench.idle.leftovers import LEFTOVERS, left
from bench.idle.people import SESSIONS

Kind = TypeVar("Kind")
HOUR, DAY, DAYS = 60, 24 * 60, 30
LENGTH = DAYS * DAY
WEEK, WORKDAYS = 7, 5
"""The first day is a Monday."""
UNUSED_BOOTS = 6
LEFT_AT_ONCE = (1, 1, 2, 3)
QUIET = 2 * HOUR
"""How long nobody comes after a boot that nobody uses."""


@dataclass(frozen=True)
class Month:
    """What happens, whoever judges it. Times are minutes since the month began."""

    seed: int
    activities: Sequence[Activity]
    """By their beginnings."""
    unused_boots: Sequence[int]
    """Minutes in which somebody starts the workstation and does not come."""

    @cached_property
    def beginning(self) -> Mapping[int, Sequence[Activity]]:
        """The activities by the minute of their beginning."""
        told: defaultdict[int, list[Activity]] = defaultdict(list)
        for activity in self.activities:
            told[activity.begin].append(activity)
        return told

    @cached_property
    def needed(self) -> Sequence[bool]:
        """Whether the workstation is needed, by the minute."""
        told = [False] * LENGTH
        for activity in self.activities:
            if activity.is_needed:
                told[activity.begin : activity.end] = [True] * (activity.end - activity.begin)
        return told

    @cached_property
    def idle_periods(self) -> Sequence[tuple[int, int]]:
        """From when to when nobody and nothing needs it, after the first need."""
        edges = [minute for minute in range(1, LENGTH) if self.needed[minute] != self.needed[minute - 1]]
        ends = [*edges, LENGTH]
        return [(begin, end) for begin, end in pairwise(ends) if not self.needed[begin]]

    @property
    def needed_hours(self) -> float:
        """In all."""
        return sum(self.needed) / HOUR


def month(seed: int) -> Month:
    """Draw one: people's days, then the jobs, and then the boots that nobody uses, where nobody is about."""
    rng = Random(f"month {seed}")  # noqa: S311 (nothing is secret here)
    drawn = [each for each in [*_sessions(rng), *_jobs(rng)] if each.begin < LENGTH]
    whole = sorted((_cut(each) for each in drawn), key=lambda each: each.begin)
    needed = Month(seed, whole, ()).needed
    boots: list[int] = []
    while len(boots) < UNUSED_BOOTS:
        minute = rng.randrange(HOUR, LENGTH - QUIET)
        if not any(needed[minute - HOUR : minute + QUIET]):
            boots.append(minute)
    return Month(seed, whole, sorted(boots))


def _cut(activity: Activity) -> Activity:
    """The same, ended with the month."""
    excess = activity.end - LENGTH
    if excess <= 0:
        return activity
    if activity.lasts is not None:
        return replace(activity, lasts=activity.lasts - excess)
    return replace(activity, minutes=activity.minutes[:-excess])


def _sessions(rng: Random) -> Iterator[Activity]:
    """People's sessions, of every kind in turn, and after each one or several things left open until the next."""
    times = list(_times(rng))
    kinds = _in_turn(rng, SESSIONS)
    leftovers = _in_turn(rng, LEFTOVERS)
    for (begin, count), (later, _) in zip(times, [*times[1:], (LENGTH, 0)], strict=True):
        yield from next(kinds)(rng, begin, count)
        for _ in range(rng.choice(LEFT_AT_ONCE)):
            yield from left(next(leftovers), rng, begin + count, later - begin - count)


def _times(rng: Random) -> Iterator[tuple[int, int]]:
    """When sessions begin, and for how many minutes they last: assumed."""
    for day in range(DAYS):
        works = day % WEEK < WORKDAYS
        for part, earliest, latest, shortest, longest in (
            (0.75 if works else 0.05, 8.5, 10.0, 30, 150),
            (0.25 if works else 0.0, 12.7, 13.1, 4, 15),
            (0.75 if works else 0.1, 13.5, 15.5, 30, 180),
            (0.15 if works else 0.05, 20.0, 21.5, 10, 90),
        ):
            if chance(rng, part):
                yield day * DAY + int(rng.uniform(earliest, latest) * HOUR), rng.randint(shortest, longest)


def _jobs(rng: Random) -> Iterator[Activity]:
    """Each job after a visit that starts it: most in the working day or at its end, some on a weekend."""
    for job, count in JOBS.items():
        for _ in range(count):
            day = rng.choice([day for day in range(DAYS - 1) if day % WEEK < WORKDAYS or chance(rng, 0.3)])
            begin = day * DAY + int(rng.choice([rng.uniform(9, 17), rng.uniform(16.5, 19)]) * HOUR)
            visit = people.visit(rng, begin)
            yield from visit
            yield job(rng, visit[0].end - 1)


def _in_turn(rng: Random, kinds: Sequence[Kind]) -> Iterator[Kind]:
    """Every kind in some order, and again in another: so none is missing from a month."""
    while True:
        yield from rng.sample(kinds, len(kinds))
