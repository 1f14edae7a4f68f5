"""Metric math as alarms use it: arithmetic, comparisons and the functions that say what becomes of a gap.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mlstack.local.alarms.function import LINEAR, REPEAT, Way, called
from mlstack.local.alarms.series import ExpressionError, Node, Operation, Scope, Series, both, finite, plain, spread

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/^()\[\],<>]))"
)


def _compared(compare: Callable[[float, float], bool]) -> Operation:
    return lambda left, right: float(compare(left, right))


LEVELS: tuple[Mapping[str, Operation], ...] = (
    {
        "||": lambda left, right: float(bool(left) or bool(right)),
        "OR": lambda left, right: float(bool(left) or bool(right)),
    },
    {
        "&&": lambda left, right: float(bool(left) and bool(right)),
        "AND": lambda left, right: float(bool(left) and bool(right)),
    },
    {
        "==": _compared(operator.eq),
        "!=": _compared(operator.ne),
        "<=": _compared(operator.le),
        ">=": _compared(operator.ge),
        "<": _compared(operator.lt),
        ">": _compared(operator.gt),
    },
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
)
"""Operators, those that bind least first; a power binds more than all of them."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that is understood."""

    names: frozenset[str]
    """The ids that it needs."""
    node: Node

    def series(self, scope: Scope) -> Series:
        """Its value in each period of the range that has one."""
        found = self.node(scope)
        if isinstance(found, list):
            message = "an alarm watches one series"
            raise ExpressionError(message)
        return finite(dict.fromkeys(scope.ages, found) if isinstance(found, float) else found)


@cache
def parse(text: str) -> Expression:
    """Read an expression; raise ExpressionError for what is not understood."""
    parser = _Parser(list(_tokens(text)))
    try:
        node = parser.level(0)
    except RecursionError as error:
        message = "nested too deeply"
        raise ExpressionError(message) from error
    parser.end()
    return Expression(frozenset(parser.names), node)


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if found is None:
            message = f"not understood: {text[at:].strip()[:40]}"
            raise ExpressionError(message)
        yield found.group().strip()
        at = found.end()


class _Parser:
    """Descends from the operators that bind least to the names."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self.names: set[str] = set()

    def level(self, depth: int) -> Node:
        """An expression of operators from this level on."""
        if depth == len(LEVELS):
            return self._signed()
        left = self.level(depth + 1)
        while (sign := self._peek().upper()) in LEVELS[depth]:
            self._next()
            left = both(LEVELS[depth][sign], left, self.level(depth + 1))
        return left

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._peek():
            message = f"not understood: {self._peek()}"
            raise ExpressionError(message)

    def _signed(self) -> Node:
        if self._peek() == "-":
            self._next()
            return both(operator.mul, lambda _: -1.0, self._signed())
        base = self._atom()
        if self._peek() == "^":
            self._next()
            return both(math.pow, base, self._signed())
        return base

    def _atom(self) -> Node:
        word = self._next()
        if word == "(":
            inner = self.level(0)
            self._expect(")")
            return inner
        if word == "[":
            return _array(self._listed("]"))
        if word[:1].isdigit() or word[:1] == ".":
            number = float(word)
            return lambda _: number
        return self._named(word)

    def _named(self, word: str) -> Node:
        if self._peek() == "(":
            self._next()
            return called(word.upper(), self._listed(")"))
        if word in {REPEAT, LINEAR}:
            return Way(word)
        if not word[:1].islower():
            message = f"not understood: {word or 'the end'}"
            raise ExpressionError(message)
        self.names.add(word)
        return lambda scope: scope.known(word)

    def _listed(self, closing: str) -> list[Node]:
        found: list[Node] = []
        while self._peek() != closing:
            found.append(self.level(0))
            if self._peek() != closing:
                self._expect(",")
        self._expect(closing)
        return found

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, wanted: str) -> None:
        found = self._next()
        if found != wanted:
            message = f"{wanted} expected, not {found or 'the end'}"
            raise ExpressionError(message)


def _array(parts: Sequence[Node]) -> Node:
    """A list of series."""
    return lambda scope: [spread(plain(part(scope)), scope) for part in parts]
