"""What Rekognition's image calls cost: each group of APIs has price steps of its own, over an account's month.

The list prices of us-east-1, from a copy of https://aws.amazon.com/rekognition/pricing/ of 2026-10-07. Custom labels
bill by the hour that a model runs, so that no price of an image can be told.

Not verified: where a step ends, what group 1 and 2 cost beyond 35 million calls, what image properties cost beyond the
first million, and what other regions add.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

BY_THE_HOUR = "bills by the hour that its model runs, whatever the number of images"


class Group(StrEnum):
    """The parts of Rekognition's price list that bill by the call."""

    ONE = "group 1"
    """Comparing, searching and indexing faces."""
    TWO = "group 2"
    """Detecting labels, faces, text, moderated content, celebrities and protective equipment."""
    IMAGE_PROPERTIES = "image properties"
    """On top of a DetectLabels call that asks for them."""

    @classmethod
    def of(cls, number: int | None) -> "Group | None":
        """The group of a number in the catalogue of analyses; None where no call is billed."""
        return {1: cls.ONE, 2: cls.TWO}.get(number) if number is not None else None


@dataclass(frozen=True, slots=True)
class Step:
    """A price that holds for the next ``calls`` of a month; for all that follow where that is None."""

    calls: int | None
    usd_per_call: Decimal


def _steps(last: str) -> tuple[Step, ...]:
    """Both groups have the same steps but the last."""
    return (
        Step(1_000_000, Decimal("0.001")),
        Step(4_000_000, Decimal("0.0008")),
        Step(30_000_000, Decimal("0.0006")),
        Step(None, Decimal(last)),
    )


STEPS: Mapping[Group, tuple[Step, ...]] = {
    Group.ONE: _steps("0.0004"),
    Group.TWO: _steps("0.00025"),
    Group.IMAGE_PROPERTIES: (Step(None, Decimal("0.00075")),),
}


def usd(calls: Mapping[Group, int]) -> Decimal:
    """The price of so many calls of each group in a month without any other; raise ValueError for a negative number."""
    return sum((_of_group(STEPS[group], number) for group, number in calls.items()), Decimal(0))


def _of_group(steps: tuple[Step, ...], calls: int) -> Decimal:
    if calls < 0:
        message = f"{calls} calls cannot be billed"
        raise ValueError(message)
    price, left = Decimal(0), calls
    for step in steps:
        taken = left if step.calls is None else min(left, step.calls)
        price += taken * step.usd_per_call
        left -= taken
    return price
