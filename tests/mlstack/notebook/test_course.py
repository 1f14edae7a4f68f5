"""The next move towards a notebook that runs, or does not, from every status that SageMaker has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.journey import Course, Move
from mlstack.notebook.course import to_running, to_stopped
from mlstack.notebook.instance import Instance
from tests.mlstack.wire import client

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)
STATUSES = tuple(client("sagemaker").meta.service_model.shape_for("NotebookInstanceStatus").enum)


def instance(status: str, changed_at: datetime = NOON, failure: str = "") -> Instance:
    return Instance(status=status, instance_type="ml.t3.medium", volume_gb=5, changed_at=changed_at, failure=failure)


@pytest.mark.parametrize("status", [*STATUSES, "NewStatus"])
def test_a_start_asks_once_waits_for_what_is_on_its_way_and_gives_up_on_what_is_not(status: str) -> None:
    expected = {"InService": Move.DONE, "Stopped": Move.ASK, "Failed": Move.ASK, "Deleting": None}

    try:
        move = to_running(instance(status), None)
    except UserError:
        move = None

    assert move is expected.get(status, Move.WAIT)


@pytest.mark.parametrize("status", [*STATUSES, "NewStatus"])
def test_a_stop_asks_only_while_it_runs_and_is_done_where_nothing_runs(status: str) -> None:
    expected = {"InService": Move.ASK, "Stopped": Move.DONE, "Failed": Move.DONE, "Deleting": Move.DONE}

    assert to_stopped(instance(status), None) is expected.get(status, Move.WAIT)


@pytest.mark.parametrize("status", ["Stopped", "Failed"])
def test_an_old_status_right_after_the_start_is_no_outcome(status: str) -> None:
    before = instance(status)

    assert to_running(before, before) is Move.WAIT


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (instance("Failed", LATER, "InsufficientCapacity"), "it failed to start: InsufficientCapacity"),
        (instance("Failed", LATER), "SageMaker gives no reason"),
        (instance("Stopped", LATER), "it stopped again while it was starting"),
        (instance("Stopping", LATER), "somebody stops it while it is starting"),
        (instance("Deleting", LATER), "it is being deleted"),
    ],
)
def test_a_start_that_came_to_nothing_says_why(now: Instance, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        to_running(now, instance("Stopped"))


def test_a_stop_that_was_asked_for_is_not_asked_for_again() -> None:
    before = instance("InService")

    assert to_stopped(before, before) is Move.WAIT
    assert to_stopped(replace(before, changed_at=LATER), before) is Move.WAIT


@given(status=st.sampled_from((*STATUSES, "NewStatus")), course=st.sampled_from((to_running, to_stopped)))
def test_nothing_is_asked_for_twice(status: str, course: Course[Instance]) -> None:
    before = instance("Stopped" if course is to_running else "InService")

    try:
        move = course(instance(status, LATER), before)
    except UserError:
        return

    assert move is not Move.ASK
