"""Sizes and amounts as people read them."""

from decimal import Decimal

import pytest

from mlstack.image.stored import shown
from mlstack.image.stored.findings import Findings
from mlstack.image.stored.image import Stored


def stored(size: int) -> Stored:
    """An image of that size."""
    return Stored(
        names=("inference",),
        repository="inference",
        digest="sha256:1",
        tags=(),
        pushed=None,
        size=size,
        findings=Findings(None),
        used=False,
    )


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (2_500_000, "2.5 MB"),
        (12_300_000_000, "12.3 GB"),
        (10**16, "10,000,000.0 GB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_it_fills(number: int, told: str) -> None:
    assert shown.size(number) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [(None, "not known"), ("0", "$0.00"), ("0.0001", "under $0.01"), ("0.01", "$0.01"), ("1.234", "$1.23")],
)
def test_little_is_not_nothing_and_what_is_not_known_is_said(amount: str | None, told: str) -> None:
    assert shown.usd(None if amount is None else Decimal(amount)) == told


def test_all_storage_is_known_only_where_every_price_is() -> None:
    images = [stored(2**30), stored(2**29)]

    assert shown.total(images, "us-east-1") == Decimal("0.15")
    assert shown.total(images, "eu-west-3") is None
    assert shown.total([], "eu-west-3") == 0
