"""A group is free after two empty looks in a row, and a reason says what holds it in the words that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_release.looks import ENOUGH, LONGEST_DESCRIPTION, NAMED, Interface, Looks
from shared.custom_resource import LONGEST_REASON

GROUP = "sg-0123456789abcdef0"
ONE = Interface("eni-1", "in-use", "lent to SageMaker")
TWO = Interface("eni-2")


def looked(*counts: int) -> Looks:
    """After looks that saw so many interfaces."""
    looks = Looks()
    for count in counts:
        looks = looks.then((ONE,) * count)
    return looks


@pytest.mark.parametrize(
    ("counts", "enough"),
    [
        ((), False),
        ((0,), False),
        ((0, 0), True),
        ((1,), False),
        ((1, 0), False),
        ((1, 0, 0), True),
        ((0, 1, 0), False),
        ((0, 1, 0, 0), True),
        ((2, 1, 0, 1, 0), False),
        ((0, 0, 1), False),
    ],
)
def test_two_empty_looks_in_a_row_are_enough(counts: tuple[int, ...], *, enough: bool) -> None:
    assert looked(*counts).are_enough is enough


@given(counts=st.lists(st.integers(0, 2), max_size=20))
def test_looks_are_enough_exactly_where_the_last_ones_were_empty(counts: list[int]) -> None:
    last = counts[-ENOUGH:]

    assert looked(*counts).are_enough is (len(last) == ENOUGH and not any(last))


@pytest.mark.parametrize(
    ("interface", "said"),
    [
        (ONE, "eni-1 (in-use, lent to SageMaker)"),
        (TWO, "eni-2"),
        (Interface("eni-3", "available"), "eni-3 (available)"),
        (Interface("eni-4", description="x" * 255), f"eni-4 ({'x' * LONGEST_DESCRIPTION})"),
    ],
)
def test_an_interface_is_told_with_its_state_and_purpose(interface: Interface, said: str) -> None:
    assert str(interface) == said


def test_an_interface_is_read_from_what_ec2_says() -> None:
    told = Interface.read({"NetworkInterfaceId": "eni-1", "Status": "in-use", "Description": "lent to SageMaker"})

    assert told == ONE
    assert Interface.read({}) == Interface("")


@pytest.mark.parametrize(
    ("left", "ending"),
    [
        ((ONE,), "Left: eni-1 (in-use, lent to SageMaker)"),
        ((TWO, ONE), "Left: eni-2, eni-1 (in-use, lent to SageMaker)"),
        ((TWO,) * 5, "Left: eni-2, eni-2, eni-2 and 2 more"),
        ((), "destroy the stack again in some minutes, which goes on waiting"),
    ],
)
def test_a_reason_names_the_group_the_way_on_and_what_is_left(left: tuple[Interface, ...], ending: str) -> None:
    reason = Looks().then(left).reason(GROUP)

    assert GROUP in reason
    assert "destroy the stack again" in reason
    assert reason.endswith(ending)


@given(
    count=st.integers(1, 2000),
    description=st.text(max_size=255),
    status=st.sampled_from(["associated", "attaching", "available", "detaching", "in-use"]),
)
def test_a_reason_always_fits_whole(count: int, description: str, status: str) -> None:
    left = tuple(Interface(f"eni-{number:017}", status, description) for number in range(count))

    reason = Looks().then(left).reason(GROUP)

    assert len(reason) <= LONGEST_REASON
    assert all(one.id in reason for one in left[:NAMED])
