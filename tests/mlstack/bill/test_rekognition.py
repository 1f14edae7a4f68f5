"""Rekognition's price: steps per group, never below what a call costs at least nor above what it costs at most."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.bill.rekognition import STEPS, Group, usd
from shared.analyses import ANALYSES

MILLION = 1_000_000
groups = st.sampled_from(list(Group))
numbers = st.integers(min_value=0, max_value=100 * MILLION)
bills = st.dictionaries(groups, numbers)


@pytest.mark.parametrize(
    ("group", "calls", "price"),
    [
        (Group.TWO, 0, "0"),
        (Group.TWO, 1, "0.001"),
        (Group.TWO, MILLION, "1000"),
        (Group.TWO, MILLION + 1, "1000.0008"),
        (Group.TWO, 5 * MILLION, "4200"),
        (Group.TWO, 35 * MILLION, "22200"),
        (Group.TWO, 36 * MILLION, "22450"),
        (Group.ONE, 36 * MILLION, "22600"),
        (Group.IMAGE_PROPERTIES, 2 * MILLION, "1500"),
    ],
)
def test_the_price_of_some_numbers_of_calls(group: Group, calls: int, price: str) -> None:
    assert usd({group: calls}) == Decimal(price)


def test_each_group_has_steps_of_its_own() -> None:
    apart = usd({Group.ONE: MILLION}) + usd({Group.TWO: MILLION})

    assert usd({Group.ONE: MILLION, Group.TWO: MILLION}) == apart == Decimal(2000)


def test_nothing_costs_nothing() -> None:
    assert usd({}) == 0


def test_a_negative_number_of_calls_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 calls cannot be billed"):
        usd({Group.ONE: -1})


@given(groups, numbers)
def test_one_more_call_costs_the_price_of_its_step(group: Group, calls: int) -> None:
    ends, price = 0, STEPS[group][-1].usd_per_call
    for step in STEPS[group]:
        ends += step.calls or 0
        if step.calls and calls < ends:
            price = step.usd_per_call
            break

    assert usd({group: calls + 1}) - usd({group: calls}) == price


@given(groups, numbers, numbers)
def test_two_bills_apart_are_never_less_than_one_together(group: Group, some: int, more: int) -> None:
    together = usd({group: some + more})

    assert max(usd({group: some}), usd({group: more})) <= together <= usd({group: some}) + usd({group: more})


@given(bills)
def test_the_price_lies_between_the_cheapest_and_the_dearest_call(calls: dict[Group, int]) -> None:
    prices = {group: [step.usd_per_call for step in STEPS[group]] for group in calls}

    assert sum(min(prices[group]) * number for group, number in calls.items()) <= usd(calls)
    assert usd(calls) <= sum(max(prices[group]) * number for group, number in calls.items())


def test_every_analysis_of_the_catalogue_has_its_group_or_bills_by_the_hour() -> None:
    found = {name: Group.of(analysis.price_group) for name, analysis in ANALYSES.items()}

    assert {name for name, group in found.items() if group is Group.ONE} == {"enrolment", "people"}
    assert {name for name, group in found.items() if group is None} == {"custom_labels"}
