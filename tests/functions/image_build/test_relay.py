"""An invocation that has no time left hands over, never after the deadline and never too often."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_build.progress import Progress
from image_build.relay import FIELD, FOR_THE_HANDOVER, LONGEST, MOST, Leg, LostError, Relay

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DEADLINE = NOW + LONGEST
TOLD = {"Deadline": DEADLINE.isoformat(), "Handovers": 1, "Build": "project:1", "Failed": 0}
SPANS = st.timedeltas(timedelta(hours=-2), timedelta(hours=2))


def minutes(number: float) -> datetime:
    """So long after the present."""
    return NOW + timedelta(minutes=number)


def test_a_request_of_cloudformation_begins_a_wait() -> None:
    assert Relay.read({"RequestType": "Create"}, NOW) == Relay(deadline=DEADLINE)


def test_properties_of_the_same_name_carry_nothing() -> None:
    assert Relay.read({"ResourceProperties": {FIELD: TOLD}}, NOW) == Relay(deadline=DEADLINE)


@pytest.mark.parametrize(
    ("relay", "until", "leg"),
    [
        (Relay(deadline=DEADLINE), minutes(14.5), Leg(minutes(13.5), is_last=False)),
        (Relay(deadline=DEADLINE, handovers=MOST - 1), minutes(14.5), Leg(minutes(13.5), is_last=False)),
        (Relay(deadline=DEADLINE, handovers=MOST), minutes(14.5), Leg(minutes(14.5), is_last=True)),
        (Relay(deadline=DEADLINE, handovers=MOST + 1), minutes(14.5), Leg(minutes(14.5), is_last=True)),
        (Relay(deadline=minutes(14.5)), minutes(14.5), Leg(minutes(14.5), is_last=True)),
        (Relay(deadline=minutes(3)), minutes(14.5), Leg(minutes(3), is_last=True)),
        (Relay(deadline=minutes(-3)), minutes(14.5), Leg(minutes(-3), is_last=True)),
    ],
)
def test_an_invocation_waits_up_to_its_end_or_the_deadline(relay: Relay, until: datetime, leg: Leg) -> None:
    assert relay.leg(until) == leg


@given(deadline=SPANS, until=SPANS, handovers=st.integers(0, 2 * MOST))
def test_no_leg_is_longer_than_its_invocation_or_the_wait_and_time_is_left_to_hand_over(
    deadline: timedelta, until: timedelta, handovers: int
) -> None:
    relay, end = Relay(deadline=NOW + deadline, handovers=handovers), NOW + until

    leg = relay.leg(end)

    assert leg.until <= min(end, relay.deadline)
    assert leg.is_last or end - leg.until == FOR_THE_HANDOVER
    assert leg.is_last == (handovers >= MOST or relay.deadline <= end)


@given(lasts=st.lists(st.timedeltas(timedelta(), timedelta(minutes=15)), min_size=MOST + 1, max_size=MOST + 1))
def test_a_wait_ends_by_its_deadline_after_a_few_handovers_however_long_invocations_are(lasts: list[timedelta]) -> None:
    now, event = NOW, {"RequestType": "Create"}

    for handovers, length in enumerate(lasts):
        relay = Relay.read(event, now)
        leg = relay.leg(now + length)
        assert (relay.deadline, relay.handovers) == (DEADLINE, handovers)
        assert leg.until <= DEADLINE
        if leg.is_last:
            return
        event, now = json.loads(json.dumps(relay.handed_over(event))), max(now, leg.until)
    pytest.fail("the last of them hands over")  # pragma: no cover (would be the defect)


def test_invocations_of_full_length_reach_the_deadline() -> None:
    now, relay = NOW, Relay(deadline=DEADLINE)

    while not (leg := relay.leg(now + timedelta(minutes=14.5))).is_last:
        now, relay = leg.until, Relay.read(relay.handed_over({}), leg.until)

    assert leg.until == DEADLINE
    assert relay.handovers < MOST  # one is left for an invocation that ends early


@given(
    deadline=st.timedeltas(timedelta(hours=-2), LONGEST),
    offset=st.integers(-12, 12),
    handovers=st.integers(0, MOST),
    build=st.text(),
    failed=st.integers(0, 5),
)
def test_what_is_handed_over_is_read_again_beside_the_request(
    deadline: timedelta, offset: int, handovers: int, build: str, failed: int
) -> None:
    moment = (NOW + deadline).astimezone(timezone(timedelta(hours=offset)))
    relay = Relay(deadline=moment, handovers=handovers, progress=Progress(build, failed))
    request = {"RequestType": "Update", "ResponseURL": "https://signed?a=b&c=%2B", "ResourceProperties": {"Tag": "t"}}

    event = json.loads(json.dumps(relay.handed_over(request)))

    assert Relay.read(event, NOW) == Relay(deadline=moment, handovers=handovers + 1, progress=relay.progress)
    assert event.items() >= request.items()


@pytest.mark.parametrize(
    "told",
    [
        None,
        7,
        "x",
        [],
        {},
        *({key: value for key, value in TOLD.items() if key != missing} for missing in TOLD),
        {**TOLD, "Deadline": "tomorrow"},
        {**TOLD, "Deadline": 7},
        {**TOLD, "Deadline": (DEADLINE + timedelta(seconds=1)).isoformat()},
        {**TOLD, "Deadline": "9999-12-31T23:59:59-12:00"},
        {**TOLD, "Deadline": "0001-01-01T00:00:00+12:00"},
        {**TOLD, "Handovers": 0},
        {**TOLD, "Handovers": -5},
        {**TOLD, "Handovers": True},
        {**TOLD, "Handovers": "1"},
        {**TOLD, "Build": 7},
        {**TOLD, "Failed": -1},
    ],
)
def test_what_nobody_hands_over_is_refused_with_the_way_on(told: object) -> None:
    with pytest.raises(LostError, match="deploy again, which goes on from there"):
        Relay.read({FIELD: told}, NOW)
