"""The images of a stage's repositories, and which of them it runs."""

import pytest

from mlstack.account import Account
from mlstack.image.deployed import read
from mlstack.image.stored.image import Stored, stored
from tests.mlstack.image.stored.conftest import image, listed, scanned
from tests.mlstack.wire import Wire

A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def found(stage: Account, wire: Wire, outputs: dict[str, str]) -> list[Stored]:
    """What is told of a shared repository with an old image and a broken push, and of another one."""
    wire.answer(
        "DescribeImages",
        listed(image("old", pushed=1), image(A, digest="1" * 64, pushed=3), following="more"),
        listed(image(B, digest="2" * 64, pushed=4), image(pushed=2)),
        listed(image(C, size=None)),
    )
    wire.answer("DescribeImageScanFindings", scanned(HIGH=2))
    return stored(stage.client("ecr"), read(outputs))


def test_each_repository_is_asked_once_and_told_with_its_newest_first(found: list[Stored], wire: Wire) -> None:
    assert [one.tags for one in found] == [(B,), (A,), (), ("old",), (C,)]
    assert len(wire.calls("DescribeImages")) == 3


def test_an_image_is_named_by_what_uses_it_and_else_by_all_that_its_repository_keeps(found: list[Stored]) -> None:
    both = ("inference", "inference-arm64")

    assert [(one.names, one.used) for one in found] == [
        (("inference-arm64",), True),
        (("inference",), True),
        (both, False),
        (both, False),
        (("training",), True),
    ]


def test_every_image_is_asked_for_its_findings_by_its_digest(found: list[Stored], wire: Wire) -> None:
    asked = [str(one.body) for one in wire.requests["DescribeImageScanFindings"]]

    assert all(one.findings.counts == {"HIGH": 2} for one in found)
    assert '"imageDigest": "sha256:22' in asked[0]


def test_storage_costs_what_the_list_says_and_nobody_guesses_elsewhere(found: list[Stored]) -> None:
    price = found[0].usd_per_month("us-east-1")

    assert price is not None
    assert round(float(price), 4) == 0.4657
    assert found[-1].usd_per_month("us-east-1") == 0
    assert found[0].usd_per_month("eu-west-3") is None
