"""The pace: slots of one API lie apart, in order, and are given to one each, whoever asks and whenever."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.pace import HEADROOM, TRIES, Pace
from tests.functions.shared.cloud import Cloud, Fault, refusing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

APIS = (f"Detect{number}" for number in itertools.count())
RATES = st.sampled_from((0.1, 1, 5, 20, 50, 1000))
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def pace(in_memory: "Callable[[str], Table]") -> Pace:
    return Pace(in_memory("pace"))


def test_slots_lie_apart_and_the_first_is_now(pace_table: "Table") -> None:
    pace = Pace(pace_table)

    slots = [pace.slot("DetectLabels", per_second=10, now=NOW, latest=NOW + 60) for _ in range(4)]

    interval = 1 / (10 * HEADROOM)
    assert slots == pytest.approx([NOW + turn * interval for turn in range(4)], abs=1e-5)


def test_slot_costs_one_write_while_others_call_and_two_after_a_rest(pace: Pace, cloud: Cloud) -> None:
    pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 60)
    first = len(cloud.calls)
    pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 60)

    assert (first, len(cloud.calls) - first) == (2, 1)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example its own API
@given(
    per_second=RATES,
    asked=st.lists(
        st.tuples(st.floats(-0.05, 5), st.floats(-1, 30), st.none() | st.floats(-2, 20)), min_size=1, max_size=40
    ),
)
def test_slots_are_apart_never_late_and_never_before_they_are_asked_for(
    pace: Pace, per_second: float, asked: list[tuple[float, float, float | None]]
) -> None:
    api, now, taken = next(APIS), NOW, []

    for passed, patience, pause in asked:
        now += passed  # by up to 50 ms backwards: clocks differ
        if pause is not None:
            pace.pause(api, until=now + pause)
        slot = pace.slot(api, per_second=per_second, now=now, latest=now + patience)
        if slot is not None:
            assert now - 2e-6 <= slot <= now + patience + 2e-6
            assert pause is None or slot >= now + pause - 2e-6
            taken.append(slot)

    gaps = [later - earlier for earlier, later in itertools.pairwise(taken)]
    assert all(gap >= 1 / (per_second * HEADROOM) - 4e-6 for gap in gaps)


def test_rest_is_not_saved_up_for_a_burst(pace: Pace) -> None:
    pace.slot("DetectLabels", per_second=10, now=NOW, latest=NOW + 60)

    slots = [pace.slot("DetectLabels", per_second=10, now=NOW + 3600, latest=NOW + 3660) for _ in range(3)]

    interval = 1 / (10 * HEADROOM)
    assert slots == pytest.approx([NOW + 3600 + turn * interval for turn in range(3)], abs=1e-5)


def test_nothing_is_taken_where_the_next_slot_lies_too_late(pace: Pace, cloud: Cloud) -> None:
    slots = [pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 1.5) for _ in range(5)]

    assert [slot is None for slot in slots] == [False, False, True, True, True]
    assert cloud.memory is not None
    (item,) = cloud.memory.tables.items["pace"].values()
    assert item["next_slot"] == pytest.approx(Decimal(NOW) + 2 / Decimal(HEADROOM), abs=Decimal("0.0001"))


def test_no_slot_is_given_to_whoever_has_no_time_left(pace: Pace, cloud: Cloud) -> None:
    slot = pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW - 0.001)

    assert (slot, cloud.calls) == (None, [])


def test_apis_do_not_wait_for_each_other(pace: Pace) -> None:
    slots = [pace.slot(api, per_second=1, now=NOW, latest=NOW + 60) for api in ("DetectLabels", "DetectFaces")]

    assert slots == [NOW, NOW]


def test_pause_holds_everybody_back_and_never_shortens_another(pace: Pace) -> None:
    pace.pause("DetectLabels", until=NOW + 5)
    pace.pause("DetectLabels", until=NOW + 1)

    slot = pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 60)

    assert slot == NOW + 5


def test_slots_stay_apart_where_the_rate_is_changed(pace: Pace) -> None:
    first = pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 60)
    second = pace.slot("DetectLabels", per_second=50, now=NOW, latest=NOW + 60)

    assert first is not None
    assert second is not None
    assert second - first >= 1


def test_who_always_comes_second_gives_up_after_a_while(pace: Pace, cloud: Cloud) -> None:
    cloud.faults = [Fault(operation="UpdateItem", answer=refusing("ConditionalCheckFailedException"))]

    slot = pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + 60)

    assert (slot, len(cloud.calls)) == (None, TRIES)


def test_error_of_the_table_is_not_swallowed(pace: Pace, cloud: Cloud) -> None:
    cloud.faults = [Fault(operation="UpdateItem", answer=refusing("ThrottlingException"))]

    with pytest.raises(ClientError, match="Throttling"):
        pace.slot("DetectLabels", per_second=1, now=NOW, latest=NOW + timedelta(minutes=1).seconds)
    with pytest.raises(ClientError, match="Throttling"):
        pace.pause("DetectLabels", until=NOW)
