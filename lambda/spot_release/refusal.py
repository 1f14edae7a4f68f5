"""Does something to several things, one by one: what EC2 refuses for one of them holds up no other."""

from collections.abc import Callable, Iterable

from shared import refusal
from shared.fault import code_of

GONE = frozenset({"IncorrectInstanceState", "InvalidInstanceID.NotFound", "InvalidSpotInstanceRequestID.NotFound"})
"""It went, or is going, by itself; the next look says so, or that it is still there."""


def to_each(names: Iterable[str], act: Callable[[str], object], by_hand: str) -> None:
    """Act on every one, and then raise what was refused for good."""
    refusal.to_each(names, act, by_hand, goes=lambda error: code_of(error) in GONE)
