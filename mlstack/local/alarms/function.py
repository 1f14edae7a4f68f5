"""The functions of metric math that alarms use, and what becomes of a gap."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mlstack.local.alarms.series import ExpressionError, Node, Scope, Series, Value, plain, spread

REPEAT, LINEAR = "REPEAT", "LINEAR"


@dataclass(frozen=True, slots=True)
class Way:
    """REPEAT or LINEAR, which mean something to FILL alone."""

    name: str

    def __call__(self, _: Scope) -> Value:
        """It has no value."""
        message = f"{self.name} is for FILL"
        raise ExpressionError(message)


def called(name: str, arguments: Sequence[Node]) -> Node:
    """A call of a function; ExpressionError for one that is not known, or takes another number of arguments."""
    if name not in FUNCTIONS or len(arguments) not in FUNCTIONS[name][0]:
        message = f"the function {name} of {len(arguments)} is not understood"
        raise ExpressionError(message)
    return FUNCTIONS[name][1](arguments)


def _each(change: Callable[[float], float]) -> Callable[[Sequence[Node]], Node]:
    """A function of each value."""

    def function(arguments: Sequence[Node]) -> Node:
        def node(scope: Scope) -> Value:
            found = arguments[0](scope)
            if isinstance(found, float):
                return float(change(found))
            if isinstance(found, list):
                return [{age: float(change(value)) for age, value in one.items()} for one in found]
            return {age: float(change(value)) for age, value in found.items()}

        return node

    return function


def _over(fold: Callable[[Sequence[float]], float]) -> Callable[[Sequence[Node]], Node]:
    """A function of one series' values, or of the values of several series in each period."""

    def function(arguments: Sequence[Node]) -> Node:
        def node(scope: Scope) -> Value:
            found = arguments[0](scope)
            if isinstance(found, float):
                return found
            if isinstance(found, list):
                ages = {age for one in found for age in one}
                return {age: float(fold([one[age] for one in found if age in one])) for age in ages}
            return float(fold([*found.values()])) if found else math.nan

        return node

    return function


def _fill(arguments: Sequence[Node]) -> Node:
    what, by = arguments
    way = by.name if isinstance(by, Way) else ""

    def node(scope: Scope) -> Value:
        found = what(scope)
        if isinstance(found, float):
            return found
        if isinstance(found, list):
            return [_filled(one, way, by, scope) for one in found]
        return _filled(found, way, by, scope)

    return node


def _filled(series: Series, way: str, by: Node, scope: Scope) -> Series:
    if way == REPEAT:
        return {age: series[min(before)] for age in scope.ages if (before := [one for one in series if one >= age])}
    if way == LINEAR:
        return {age: value for age in scope.ages if (value := _between(series, age)) is not None}
    other = spread(plain(by(scope)), scope)
    return {age: (series[age] if age in series else other[age]) for age in scope.ages if age in series or age in other}


def _between(series: Series, age: int) -> float | None:
    older, newer = [one for one in series if one >= age], [one for one in series if one <= age]
    if not older or not newer:
        return None
    start, end = min(older), max(newer)
    if start == end:
        return series[start]
    return series[start] + (series[end] - series[start]) * (start - age) / (start - end)


def _if(arguments: Sequence[Node]) -> Node:
    """What holds where a condition does, else the other; no data where neither is said."""

    def node(scope: Scope) -> Value:
        condition, *choices = (plain(argument(scope)) for argument in arguments)
        if isinstance(condition, float) and len(choices) == 2:  # noqa: PLR2004 - then and else
            return choices[0] if condition else choices[1]
        decided, (then, *rest) = spread(condition, scope), [spread(choice, scope) for choice in choices]
        other: Series = rest[0] if rest else {}
        chosen = {age: (then if decided[age] else other).get(age) for age in decided}
        return {age: value for age, value in chosen.items() if value is not None}

    return node


def _metrics(_arguments: Sequence[Node]) -> Node:
    return lambda scope: [scope.known(name) for name in scope.metrics]


FUNCTIONS: Mapping[str, tuple[tuple[int, ...], Callable[[Sequence[Node]], Node]]] = {
    "ABS": ((1,), _each(abs)),
    "AVG": ((1,), _over(lambda values: sum(values) / len(values))),
    "CEIL": ((1,), _each(math.ceil)),
    "FILL": ((2,), _fill),
    "FLOOR": ((1,), _each(math.floor)),
    "IF": ((2, 3), _if),
    "MAX": ((1,), _over(max)),
    "METRICS": ((0,), _metrics),
    "MIN": ((1,), _over(min)),
    "SUM": ((1,), _over(sum)),
}
"""How many arguments each function takes, and what it is."""
