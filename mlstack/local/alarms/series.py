"""What metric math reckons with: numbers, series with gaps, lists of series."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Series = Mapping[int, float]
"""Values by how many periods ago they are; a period without data is not in it."""
Value = float | Series | list[Series]
Operation = Callable[[float, float], float]


class ExpressionError(ValueError):
    """An expression that is not understood here; its alarm is not judged."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in an expression stand for."""

    known: Callable[[str], Series]
    metrics: Sequence[str]
    """The ids of those that are metrics and no expressions."""
    periods: int
    """How far back the range goes that is looked at."""

    @property
    def ages(self) -> range:
        """Every period of the range."""
        return range(self.periods)


Node = Callable[[Scope], Value]


def both(operation: Operation, left: Node, right: Node) -> Node:
    """Combine two values; where either has no data there is none."""

    def node(scope: Scope) -> Value:
        one, other = plain(left(scope)), plain(right(scope))
        if isinstance(one, float) and isinstance(other, float):
            return safely(operation, one, other)
        first, second = spread(one, scope), spread(other, scope)
        return finite({age: safely(operation, first[age], second[age]) for age in first if age in second})

    return node


def safely(operation: Operation, left: float, right: float) -> float:
    """A value, or none that is a number: nothing can be divided by zero."""
    try:
        return operation(left, right)
    except (ArithmeticError, ValueError):
        return math.nan


def plain(value: Value) -> float | Series:
    """A value that is no list; ExpressionError for one that is."""
    if isinstance(value, list):
        message = "operators on lists of series are not understood"
        raise ExpressionError(message)
    return value


def spread(value: float | Series, scope: Scope) -> Series:
    """A series; a number is the same in every period."""
    return dict.fromkeys(scope.ages, value) if isinstance(value, float) else value


def finite(series: Series) -> Series:
    """A series without what is no number."""
    return {age: value for age, value in series.items() if math.isfinite(value)}
