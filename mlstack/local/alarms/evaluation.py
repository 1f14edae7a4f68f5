"""The state of an alarm: a function of its settings, its data, its state before and a date.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

OK, ALARM, UNKNOWN = "OK", "ALARM", "INSUFFICIENT_DATA"
MISSING, IGNORE, BREACHING, NOT_BREACHING = "missing", "ignore", "breaching", "notBreaching"
EXTRA = 2
"""Periods that are looked at besides those that are judged, for the case that some of these have no data."""
MINUTE_S = 60


class Datum(NamedTuple):
    """What was put at one moment: a value, or a set of them."""

    at: float
    minimum: float
    maximum: float
    total: float
    samples: float


class Point(NamedTuple):
    """A period that has data: how many periods ago, when it began, its statistic."""

    age: int
    at: float
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """An alarm's settings, in CloudWatch's words."""

    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    threshold: float
    comparison: str
    statistic: str
    missing: str = MISSING

    @property
    def is_judged(self) -> bool:
        """Whether it is a kind of alarm that is judged here."""
        return self.comparison in COMPARISONS and self.statistic in STATISTICS and self.period > 0

    @property
    def step(self) -> int:
        """How often it is judged, in seconds, and by which its periods move: by the minute unless they are shorter."""
        return min(self.period, MINUTE_S)

    @property
    def looked_at(self) -> int:
        """How many periods back it is looked."""
        return self.evaluation_periods + EXTRA

    def end(self, now: float) -> float:
        """Where the newest period ends: at the last full minute."""
        return math.floor(now / self.step) * self.step


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, and what it was judged by: the newest first."""

    state: str
    points: tuple[Point, ...]
    filled: int
    """Periods without data that were filled in."""


COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
STATISTICS: Mapping[str, Callable[[Sequence[Datum]], float]] = {
    "Average": lambda data: sum(one.total for one in data) / sum(one.samples for one in data),
    "Maximum": lambda data: max(one.maximum for one in data),
    "Minimum": lambda data: min(one.minimum for one in data),
    "SampleCount": lambda data: sum(one.samples for one in data),
    "Sum": lambda data: sum(one.total for one in data),
}


def evaluate(settings: Settings, data: Sequence[Datum], before: str, now: float) -> Verdict:
    """Judge an alarm on one metric at ``now``."""
    return judge(settings, points(settings, data, now), before)


def judge(settings: Settings, found: Sequence[Point], before: str) -> Verdict:
    """Judge an alarm by what it watches, the newest first."""
    real = tuple(found)[: settings.evaluation_periods]
    filled = settings.evaluation_periods - len(real)
    breaches = sum(breaching(settings, point.value) for point in real)
    return Verdict(_state(settings, real, breaches, filled, before), real, filled)


def points(settings: Settings, data: Sequence[Datum], now: float) -> tuple[Point, ...]:
    """The statistic of each recent period that has data, the newest first; the periods end at the last full minute."""
    end, most = settings.end(now), settings.looked_at
    periods: dict[int, list[Datum]] = {}
    for datum in data:
        age = math.ceil((end - datum.at) / settings.period) - 1
        if 0 <= age < most and datum.samples > 0:
            periods.setdefault(age, []).append(datum)
    statistic = STATISTICS[settings.statistic]
    return tuple(Point(age, end - (age + 1) * settings.period, statistic(periods[age])) for age in sorted(periods))


def breaching(settings: Settings, value: float) -> bool:
    """Whether a value is on the wrong side of the threshold."""
    return COMPARISONS[settings.comparison](value, settings.threshold)


def _state(settings: Settings, real: Sequence[Point], breaches: int, filled: int, before: str) -> str:
    wanted = settings.datapoints_to_alarm
    if filled and settings.missing == BREACHING:
        return ALARM if breaches + filled >= wanted else OK
    if breaches >= wanted:
        return ALARM
    if not filled or settings.missing == NOT_BREACHING or breaches < len(real):
        return OK
    if settings.missing == IGNORE:
        return before  # what there is breaches, and is too little to tell
    if not real:
        return UNKNOWN
    # All that there is breaches: an alarm once it is old enough, so that one late value raises none.
    return ALARM if real[-1].age + 1 >= wanted else OK
