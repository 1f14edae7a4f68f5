"""Alarms on the queue, and the steps that they take: what Application Auto Scaling makes of SQS's figures."""

import operator
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Count = Literal["visible", "in flight", "sent"]
Missing = Literal["zero", "breaching", "notBreaching", "ignore"]
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The queue's messages at one moment, and how many came in the minute before."""

    visible: int
    in_flight: int
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """To how many tasks an alarm leads; the bounds count from its threshold."""

    lower: float | None
    upper: float | None
    tasks: int

    def holds(self, beyond: float, *, upwards: bool) -> bool:
        """Whether the metric is so far beyond the threshold; the bound that is nearer to it belongs to the step."""
        lower = -float("inf") if self.lower is None else self.lower
        upper = float("inf") if self.upper is None else self.upper
        return lower <= beyond < upper if upwards else lower < beyond <= upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alarm with periods of a minute, and the policy that it calls: ExactCapacity by steps."""

    name: str
    counts: frozenset[Count]
    """Whose sum it looks at."""
    comparison: str
    threshold: float
    periods: int
    needed: int
    """How many of the periods must be beyond the threshold."""
    missing: Missing
    """What a minute without a figure counts as."""
    steps: Sequence[Step]
    cooldown_s: float

    def value(self, sample: Sample | None) -> float | None:
        """What it looks at; None where there is no figure."""
        if sample is None:
            return 0.0 if self.missing == "zero" else None
        figures: Mapping[Count, int] = {"visible": sample.visible, "in flight": sample.in_flight, "sent": sample.sent}
        return float(sum(figures[count] for count in self.counts))

    def breaches(self, value: float | None) -> bool | None:
        """Whether a figure is beyond the threshold; None where that is not known."""
        if value is None:
            return {"breaching": True, "notBreaching": False}.get(self.missing)
        return COMPARISONS[self.comparison](value, self.threshold)

    def wished(self, value: float) -> int | None:
        """How many tasks there shall be; None where no step is meant for this figure."""
        upwards = self.comparison.startswith("Greater")
        return next((one.tasks for one in self.steps if one.holds(value - self.threshold, upwards=upwards)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """Between how many tasks, and by which alarms."""

    least: int
    most: int
    rules: Sequence[Rule]


class AutoScaling:
    """What it decides, minute by minute, as long as an alarm rings.

    An increase is carried out at once: in a cooldown only a larger step counts, and every increase is one. A decrease
    waits until the cooldown of whatever was done last has passed.
    """

    def __init__(self, scaling: Scaling) -> None:
        self._scaling = scaling
        self._seen = [deque[bool](maxlen=rule.periods) for rule in scaling.rules]
        self._quiet_until = 0.0

    def judge(self, sample: Sample | None, now: float, tasks: int) -> int:
        """How many tasks there shall be, after one more minute's figure of the queue."""
        for rule, seen in zip(self._scaling.rules, self._seen, strict=True):
            value = rule.value(sample)
            breaches = rule.breaches(value)
            if breaches is not None:
                seen.append(breaches)
            if value is None or sum(seen) < rule.needed:
                continue
            wished = rule.wished(value)
            if wished is None:
                continue
            wished = min(max(wished, self._scaling.least), self._scaling.most)
            if wished > tasks or (wished < tasks and now >= self._quiet_until):
                tasks, self._quiet_until = wished, now + rule.cooldown_s
        return tasks
