"""What a step scaling policy makes of a breach: a function of its settings, the capacity and what was done before.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

EXACT, CHANGE, PERCENT = "ExactCapacity", "ChangeInCapacity", "PercentChangeInCapacity"
COOLDOWN_S = 300
"""What holds where a policy of an ECS service says nothing."""


class Breach(NamedTuple):
    """By how much a metric is beyond its alarm's threshold."""

    value: float
    threshold: float
    is_upwards: bool
    """Whether the alarm is on values above the threshold: that says to which step a bound belongs."""

    @property
    def delta(self) -> float:
        """How far beyond."""
        return self.value - self.threshold


class Step(NamedTuple):
    """What is done within bounds, which are relative to the threshold."""

    lower: float
    upper: float
    adjustment: int

    def holds(self, breach: Breach) -> bool:
        """Whether a breach lies within: above a threshold the lower bound belongs to it, below one the upper."""
        if breach.is_upwards:
            return self.lower <= breach.delta < self.upper
        return self.lower < breach.delta <= self.upper


class Range(NamedTuple):
    """The capacities that a scalable target allows."""

    least: int
    most: int

    def within(self, capacity: int) -> int:
        """The nearest capacity that is allowed."""
        return max(self.least, min(self.most, capacity))


class Done(NamedTuple):
    """What a policy did last to a target."""

    at: float
    policy: str
    before: int
    after: int
    cooldown: float

    @property
    def is_out(self) -> bool:
        """Whether capacity was added."""
        return self.after > self.before


@dataclass(frozen=True, kw_only=True, slots=True)
class StepPolicy:
    """A policy's settings."""

    name: str
    adjustment: str
    steps: tuple[Step, ...]
    cooldown: float = COOLDOWN_S
    magnitude: int = 0
    """The least change of a change in percent."""

    @classmethod
    def of(cls, name: str, said: Mapping[str, Any]) -> "StepPolicy":
        """Read StepScalingPolicyConfiguration."""
        return cls(
            name=name,
            adjustment=str(said.get("AdjustmentType", "")),
            steps=tuple(_step(one) for one in said.get("StepAdjustments", [])),
            cooldown=float(said.get("Cooldown", COOLDOWN_S)),
            magnitude=int(said.get("MinAdjustmentMagnitude", 0)),
        )

    def wanted(self, breach: Breach, capacity: int, allowed: Range, last: Done | None, now: float) -> int | None:
        """The capacity that there shall be; nothing where no step is for such a breach."""
        step = next((one for one in self.steps if one.holds(breach)), None)
        if step is None:
            return None
        current, wished = allowed.within(capacity), allowed.within(self._adjusted(step.adjustment, capacity))
        if last is None or now >= last.at + last.cooldown:
            return wished
        if wished < current:
            return current  # capacity is taken away only when the last activity has had its effect
        if last.is_out and last.policy == self.name:  # what it added a moment ago counts
            return max(current, allowed.within(self._adjusted(step.adjustment, last.before)))
        return wished

    def _adjusted(self, adjustment: int, capacity: int) -> int:
        if self.adjustment == EXACT:
            return adjustment
        if self.adjustment == CHANGE:
            return capacity + adjustment
        return capacity + self._percent(capacity * adjustment / 100)

    def _percent(self, change: float) -> int:
        """Rounded towards nothing, but a change remains one."""
        whole = math.trunc(change) if abs(change) >= 1 else int(math.copysign(1, change)) if change else 0
        return int(math.copysign(max(abs(whole), self.magnitude), change)) if change else 0


def complaint(said: Mapping[str, Any]) -> str:
    """Why the service refuses a step scaling policy; empty where it does not."""
    if said.get("AdjustmentType") not in {EXACT, CHANGE, PERCENT}:
        return "You must specify an AdjustmentType for policy type: StepScaling"
    steps = sorted((_step(one) for one in said.get("StepAdjustments", [])), key=lambda step: step.lower)
    if said["AdjustmentType"] == EXACT and any(step.adjustment < 0 for step in steps):
        return "An exact capacity can't be negative"
    return _misfit(steps)


def _misfit(steps: Sequence[Step]) -> str:
    """What is wrong with the bounds."""
    if not steps:
        return "At least one StepAdjustment must be specified for policy type: StepScaling"
    if any(step.lower >= step.upper for step in steps):
        return "A step adjustment's lower bound has to be less than its upper bound"
    for below, above in pairwise(steps):
        if below.upper > above.lower:
            return "StepAdjustment intervals can't overlap"
        if below.upper < above.lower:
            return "StepAdjustment intervals can't have gaps between them"
    return ""


def _step(said: Mapping[str, Any]) -> Step:
    return Step(
        float(said.get("MetricIntervalLowerBound", -math.inf)),
        float(said.get("MetricIntervalUpperBound", math.inf)),
        int(said["ScalingAdjustment"]),
    )
