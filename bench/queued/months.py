"""Thirty days of requests, drawn from a seed: named kinds of work, from a batch each night to days of silence.

All of it is assumed, but that a batch is 2,000 photos; how long an answer takes is drawn between the two figures that
are measured for a small drawing and for a photo of 12 megapixels.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bench.queued.assumptions import HOUR, MINUTE, Span

DAY, DAYS = 24 * HOUR, 30
LENGTH = DAYS * DAY
WEEK, WORKDAYS = 7, 5
"""The first day is a Monday."""
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """A photo that is put under the service's prefix."""

    at: float
    """Seconds since the month began."""
    cpu_s: float
    """Of one processor as it was measured."""


Times = Callable[[Random], Iterator[float]]


def nightly_batch(rng: Random) -> Iterator[float]:
    """At two each night 2,000 photos, uploaded within five minutes."""
    for day in range(DAYS):
        for _ in range(BATCH):
            yield day * DAY + 2 * HOUR + rng.uniform(0, 5 * MINUTE)


def office_hours(rng: Random) -> Iterator[float]:
    """Thirty an hour from nine to six on working days, each by itself."""
    for day in range(DAYS):
        if day % WEEK < WORKDAYS:
            yield from _poisson(rng, day * DAY + 9 * HOUR, day * DAY + 18 * HOUR, 30)


def launch_spike(rng: Random) -> Iterator[float]:
    """Two an hour, and on the tenth day a launch: within half an hour 4 a second, and half as many each hour later."""
    yield from _poisson(rng, 0, LENGTH, 2)
    begin = 9 * DAY + 12 * HOUR
    for minute in range(30):
        yield from _poisson(rng, begin + minute * MINUTE, begin + (minute + 1) * MINUTE, 4 * HOUR * (minute + 1) / 30)
    for later in range(24):
        start = begin + HOUR / 2 + later * HOUR / 2
        yield from _poisson(rng, start, start + HOUR / 2, 4 * HOUR * 0.5 ** (later / 2))


def sparse(rng: Random) -> Iterator[float]:
    """One at a time, ten hours apart on average: after most gaps the queue's metrics sleep."""
    yield from _poisson(rng, 0, LENGTH, 0.1)


def silence(rng: Random) -> Iterator[float]:
    """Three photos on the third day, an album of forty on the twentieth, and nothing else."""
    for day, count in ((2, 3), (19, 40)):
        begin = day * DAY + rng.uniform(8, 20) * HOUR
        for _ in range(count):
            yield begin + rng.uniform(0, 2 * MINUTE)


def everything(rng: Random) -> Iterator[float]:
    """The batch, the office and the launch in one month."""
    for part in (nightly_batch, office_hours, launch_spike):
        yield from part(rng)


MONTHS: Mapping[str, Times] = {
    "nightly batch": nightly_batch,
    "office hours": office_hours,
    "launch spike": launch_spike,
    "sparse": sparse,
    "silence": silence,
    "everything": everything,
}


def month(name: str, seed: int, answer_s: Span) -> Sequence[Request]:
    """Draw one by its name, in the order in which the requests come."""
    rng = Random(f"{name} {seed}")  # noqa: S311 (nothing is secret here)
    return [Request(at, answer_s.draw_between_magnitudes(rng)) for at in sorted(MONTHS[name](rng))]


def _poisson(rng: Random, begin: float, end: float, an_hour: float) -> Iterator[float]:
    """Moments that know nothing of each other, so many an hour."""
    at = begin + rng.expovariate(an_hour / HOUR)
    while at < end:
        yield at
        at += rng.expovariate(an_hour / HOUR)
