"""The next move towards a workstation that runs, or does not, from every state that EC2 has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.journey import Course, Move
from mlstack.workstation.course import Restart, Seen, StoppedAgainError, to_running, to_stopped
from mlstack.workstation.machine import Machine
from tests.mlstack.wire import client

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATES = (*client("ec2").meta.service_model.shape_for("InstanceStateName").enum, "new-state")


def seen(state: str, *, minutes: int = 0, reachable: bool = True, code: str = "", reason: str = "") -> Seen:
    machine = Machine(
        id="i-1",
        state=state,
        instance_type="g5.xlarge",
        launched_at=NOON + timedelta(minutes=minutes),
        reason=reason,
        reason_code=code,
    )
    return Seen(machine=machine, reachable=reachable)


@pytest.mark.parametrize("state", STATES)
def test_a_start_asks_a_stopped_machine_and_gives_up_on_one_that_is_gone(state: str) -> None:
    expected = {"running": Move.DONE, "stopped": Move.ASK, "terminated": None, "shutting-down": None}

    try:
        move = to_running(seen(state), None)
    except UserError:
        move = None

    assert move is expected.get(state, Move.WAIT)


@pytest.mark.parametrize("state", STATES)
def test_a_stop_asks_what_runs_or_will_and_is_done_where_nothing_does(state: str) -> None:
    expected = {
        "running": Move.ASK,
        "pending": Move.ASK,
        "stopped": Move.DONE,
        "terminated": Move.DONE,
        "shutting-down": Move.DONE,
    }

    assert to_stopped(seen(state), None) is expected.get(state, Move.WAIT)


def test_a_machine_that_nobody_can_log_in_to_yet_has_not_arrived() -> None:
    assert to_running(seen("running", reachable=False), None) is Move.WAIT


def test_an_old_state_right_after_the_start_is_no_outcome() -> None:
    before = seen("stopped")

    assert to_running(before, before) is Move.WAIT


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("Server.InsufficientInstanceCapacity", "AWS has no g5.xlarge free now"),
        ("Server.SpotInstanceShutdown", "AWS interrupted this Spot machine"),
    ],
)
def test_a_start_that_aws_has_undone_says_why(code: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        to_running(seen("stopped", minutes=1, code=code), seen("stopped"))


def test_the_alarms_late_stop_is_asked_about_once() -> None:
    asked: list[Machine] = []
    told: list[bool] = []

    def hit(machine: Machine) -> bool:
        asked.append(machine)
        return True

    course = Restart(hit, lambda: told.append(True))

    assert course(seen("stopped"), None) is Move.ASK
    assert asked == []
    assert course(seen("stopped", minutes=1), seen("stopped")) is Move.ASK
    with pytest.raises(StoppedAgainError, match="AWS gives no reason"):
        course(seen("stopped", minutes=2), seen("stopped", minutes=1))
    assert told == [True]
    assert len(asked) == 1


def test_a_second_start_that_comes_out_of_turn_is_asked_for_again() -> None:
    told: list[bool] = []
    course = Restart(lambda _: True, lambda: told.append(True))
    hit = seen("stopped", minutes=1)

    moves = [course(hit, seen("stopped")) for _ in range(3)]

    assert moves == [Move.ASK] * 3
    assert told == [True]
    assert course(hit, hit) is Move.WAIT


def test_a_tag_that_somebody_writes_meanwhile_is_no_outcome() -> None:
    before = seen("stopped")
    tagged = replace(before, machine=replace(before.machine, tags={"mlstack:keep-awake": "x"}))

    assert to_running(tagged, before) is Move.WAIT


def test_a_lack_of_room_is_no_work_of_the_alarm() -> None:
    course = Restart(lambda _: True, lambda: None)

    with pytest.raises(UserError, match="AWS has no"):
        course(seen("stopped", minutes=1, code="Server.InsufficientInstanceCapacity"), seen("stopped"))


@given(state=st.sampled_from(STATES), course=st.sampled_from((to_running, to_stopped)), reachable=st.booleans())
def test_nothing_is_asked_for_twice(state: str, course: Course[Seen], *, reachable: bool) -> None:
    before = seen("stopped" if course is to_running else "running")

    try:
        move = course(replace(seen(state, minutes=1), reachable=reachable), before)
    except UserError:
        return

    assert move is not Move.ASK
