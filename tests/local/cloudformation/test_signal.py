"""A resource is made when enough said so in time."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.cloudformation.failure import FinalError
from mlstack.local.cloudformation.signal import Policy, Room, Verdict, enough, expected, trouble

SIGNALS = st.dictionaries(st.text(max_size=3), st.sampled_from(["SUCCESS", "FAILURE"]), max_size=5)


def policy(count: object, timeout: str) -> Policy | None:
    return Policy.read({"CreationPolicy": {"ResourceSignal": {"Count": count, "Timeout": timeout}}})


def test_policy_is_read_as_templates_write_it() -> None:
    assert policy("2", "PT1H20M3S") == Policy(2, 4803)
    assert policy(1, "PT20M") == Policy(1, 1200)
    assert Policy.read({"CreationPolicy": {"ResourceSignal": {}}}) == Policy(1, 300)
    assert Policy.read({"CreationPolicy": {"AutoScalingCreationPolicy": {}}}) is None
    assert Policy.read({"Type": "AWS::EC2::Instance"}) is None


@pytest.mark.parametrize("timeout", ["20M", "PT", "P1D", "PT13H", "PT-1S", "PT1.5S", "", "PT20m"])
def test_a_time_that_cloudformation_does_not_know_is_refused(timeout: str) -> None:
    with pytest.raises(FinalError, match="Invalid CreationPolicy"):
        policy(1, timeout)


@pytest.mark.parametrize("count", ["-1", "one", 1.5, ""])
def test_a_count_that_is_none_is_refused(count: object) -> None:
    with pytest.raises(FinalError, match="Invalid CreationPolicy"):
        policy(count, "PT1M")


@given(SIGNALS, st.integers(1, 4), st.booleans(), st.booleans())
def test_a_resource_never_both_fails_and_is_made(
    heard: Mapping[str, Verdict],
    count: int,
    late: bool,  # noqa: FBT001 - drawn
    abandoned: bool,  # noqa: FBT001 - drawn
) -> None:
    rule = Policy(count, 60)

    problem = trouble(rule, heard, late=late, abandoned=abandoned)

    failed = "FAILURE" in heard.values()
    assert (problem is not None) == (failed or (not enough(rule, heard) and (late or abandoned)))


def test_a_senders_second_word_counts_for_nothing() -> None:
    room, told = Room(Policy(2, 0)), list[str]()
    room.signal("i-1", "SUCCESS")
    room.signal("i-1", "SUCCESS")

    with pytest.raises(FinalError, match=r"Failed to receive 1 resource signal\(s\)"):
        room.wait(told.append)

    assert told == ["Received SUCCESS signal with UniqueId i-1"]


def test_a_signal_that_came_before_the_wait_is_heard() -> None:
    room = Room(Policy(1, 0))
    room.signal("i-1", "SUCCESS")

    room.wait(print)

    assert room.signals == {"i-1": "SUCCESS"}


def test_a_resource_without_a_policy_is_not_waited_for() -> None:
    with expected("stack", "Queue", {"Type": "AWS::SQS::Queue"}) as room:
        assert room is None
