"""The values that a tuning job may choose from, each between 0 and 1 as its scaling says."""

import math
from dataclasses import dataclass
from typing import Self

from mlstack.local.json_service import Json, ServiceError
from mlstack.local.sagemaker.registry import INVALID

WIDE = 100
"""From this ratio on, Auto counts in powers, as AWS does where a range spans several of them."""
BACKWARDS = "The MinValue of {name} must be smaller than its MaxValue."
NO_NUMBER = "{value} is no {kind} value for {name}."
NO_LOGARITHM = "{scaling} scaling of {name} needs values {allowed}."


@dataclass(frozen=True, slots=True)
class Range:
    """A range of numbers."""

    name: str
    low: float
    high: float
    scaling: str
    whole: bool

    @classmethod
    def of(cls, said: Json, *, whole: bool) -> Self:
        """A range of a request; ServiceError for one that nothing is in."""
        low, high = (_number(said[bound], said["Name"], whole=whole) for bound in ("MinValue", "MaxValue"))
        if low >= high:
            raise ServiceError(INVALID, BACKWARDS.format(name=said["Name"]))
        scaling = said.get("ScalingType", "Auto")
        if scaling == "Auto":
            scaling = "Logarithmic" if low > 0 and high / low >= WIDE else "Linear"
        if scaling == "Logarithmic" and low <= 0:
            raise ServiceError(INVALID, NO_LOGARITHM.format(scaling=scaling, name=said["Name"], allowed="above 0"))
        if scaling == "ReverseLogarithmic" and not 0 <= low <= high < 1:
            raise ServiceError(
                INVALID, NO_LOGARITHM.format(scaling=scaling, name=said["Name"], allowed="from 0 to below 1")
            )
        return cls(said["Name"], low, high, scaling, whole)

    def value(self, share: float) -> str:
        """The value that lies so far between the ends."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        found = self._unscaled(low + (high - low) * share)
        found = min(max(found, self.low), self.high)
        return str(round(found)) if self.whole else repr(found)

    def share(self, value: str) -> float:
        """Where a value lies."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(float(value)) - low) / (high - low)

    def _scaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.log(value)
        return -math.log(1 - value) if self.scaling == "ReverseLogarithmic" else value

    def _unscaled(self, value: float) -> float:
        if self.scaling == "Logarithmic":
            return math.exp(value)
        return 1 - math.exp(-value) if self.scaling == "ReverseLogarithmic" else value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    name: str
    values: tuple[str, ...]

    def value(self, share: float) -> str:
        """The word that lies there."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def share(self, value: str) -> float:
        """The middle of a word's place."""
        return (self.values.index(value) + 0.5) / len(self.values)


Space = list[Range | Choice]


def space(said: Json) -> Space:
    """All ranges of a request; ServiceError for ill ones."""
    found: Space = [Range.of(one, whole=True) for one in said.get("IntegerParameterRanges", [])]
    found += [Range.of(one, whole=False) for one in said.get("ContinuousParameterRanges", [])]
    found += [Choice(one["Name"], tuple(one["Values"])) for one in said.get("CategoricalParameterRanges", [])]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ServiceError(INVALID, "A hyperparameter can have one range alone.")
    return found


def _number(value: str, name: str, *, whole: bool) -> float:
    try:
        found = int(value) if whole else float(value)
    except ValueError as error:
        kind = "integer" if whole else "continuous"
        raise ServiceError(INVALID, NO_NUMBER.format(value=value, kind=kind, name=name)) from error
    if not math.isfinite(found):
        raise ServiceError(INVALID, NO_NUMBER.format(value=value, kind="finite", name=name))
    return found
