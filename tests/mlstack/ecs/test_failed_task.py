"""Which tasks failed by their own fault, and which container said why: whatever ECS says of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.account import Account
from mlstack.ecs.service.failed_task import FailedTask, StoppedTasks, latest
from mlstack.ecs.service.service import Service
from mlstack.target import Target
from tests.mlstack.ecs.conftest import SERVICE, Lab
from tests.mlstack.wire import client

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CODES = (
    "EssentialContainerExited",
    "TaskFailedToStart",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "TerminationNotice",
    "UserInitiated",
)
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["model", "server", "queue"])},
        optional={"exitCode": st.sampled_from([None, 0, 1, 137, 143]), "reason": st.text(max_size=9)},
    ),
    max_size=3,
)
TASKS = st.fixed_dictionaries(
    {
        "taskArn": st.text(max_size=9),
        "lastStatus": st.sampled_from(["RUNNING", "STOPPED", "DEPROVISIONING"]),
        "containers": CONTAINERS,
    },
    optional={
        "stopCode": st.sampled_from(CODES),
        "stoppedReason": st.text(max_size=9) | st.just("Task failed container health checks"),
        "stoppedAt": st.integers(0, 50).map(lambda minute: NOON + timedelta(minutes=minute)),
        "startedAt": st.just(NOON),
    },
)


def stopped(**more: object) -> dict[str, Any]:
    """A task that failed."""
    return {"taskArn": "a/b/c", "lastStatus": "STOPPED", "stopCode": "TaskFailedToStart", "stoppedAt": NOON, **more}


def failed(**more: object) -> FailedTask:
    """The same as it is read."""
    found = FailedTask.read(stopped(**more))
    assert found is not None
    return found


def service() -> Service:
    """A service of nobody's."""
    target = Target(Account(shown="account 1", is_local=False, client=client), "sandbox")
    text = SERVICE | {"queue_url": "https://sqs/1/q", "dead_letter_queue_url": "https://sqs/1/d"}
    return Service.read(target, "sorter", json.dumps(text))


@given(TASKS)
def test_a_task_of_any_kind_is_read_and_shown_in_one_line(told: dict[str, Any]) -> None:
    found = FailedTask.read(told)

    if found is None:
        return
    assert told["lastStatus"] == "STOPPED"
    assert found.shown
    assert found.shown.isprintable()
    assert found.mends(service()).isprintable()
    assert (found.exit_code is None) == (not found.container)


@given(st.lists(TASKS, max_size=6))
def test_the_last_failure_is_told_only_where_nothing_later_did_its_work(tasks: list[dict[str, Any]]) -> None:
    found = latest(tasks)

    later = [one for one in tasks if found and one.get("stoppedAt") and one["stoppedAt"] > found.at]
    assert not any(FailedTask.read(one) for one in later)
    assert not any(one.get("startedAt") for one in later if one["lastStatus"] == "STOPPED")


@pytest.mark.parametrize("code", CODES[2:])
def test_what_somebody_else_stopped_has_not_failed(code: str) -> None:
    assert FailedTask.read(stopped(stopCode=code, containers=[{"name": "server", "exitCode": 143}])) is None


def test_what_never_became_well_has_failed() -> None:
    reason = "Task failed container health checks"

    assert failed(stopCode="ServiceSchedulerInitiated", stoppedReason=reason).shown == reason


def test_the_container_that_began_it_is_named_and_not_those_that_ended_with_it() -> None:
    containers = [{"name": "queue", "exitCode": 143}, {"name": "server", "exitCode": 3}]

    assert failed(containers=containers).shown == "its container server ended with 3"


def test_one_that_had_too_little_memory_is_the_cause() -> None:
    containers = [
        {"name": "queue", "exitCode": 143},
        {"name": "server", "exitCode": 137, "reason": "OutOfMemoryError"},
    ]

    found = failed(containers=containers)

    assert found.shown == "its container server ended with 137; OutOfMemoryError"
    assert "its log says more (`aws logs tail /mlstack/sandbox/ecs/sorter" in found.mends(service())


def test_an_image_that_cannot_be_had_is_told_by_ecs() -> None:
    containers = [{"name": "model", "reason": "CannotPullContainerError:\nno such"}]

    found = failed(stoppedReason="Task failed to start", containers=containers)

    assert (found.container, found.shown) == ("", "Task failed to start; CannotPullContainerError: no such")


def test_one_without_a_time_or_a_reason_is_shown_all_the_same() -> None:
    assert failed(stoppedAt=None).row == "ECS gives no reason"
    assert failed(stoppedAt=None).machine()["at"] is None


def test_a_hundred_at_once_are_asked_about_and_each_once(lab: Lab) -> None:
    tasks = [stopped(taskArn=f"arn:aws:ecs:us-east-1:1:task/c/{number:032x}") for number in range(150)]
    lab.answer("ListTasks", {"taskArns": [one["taskArn"] for one in tasks]})
    lab.answer("DescribeTasks", {"tasks": tasks[:100]}, {"tasks": tasks[100:]})
    looker = StoppedTasks(service())

    first, again = looker.news(), looker.news()

    assert (len(first), again) == (150, [])
    assert [len(asked["tasks"]) for asked in lab.calls("DescribeTasks")] == [100, 50]
    assert all(asked["desiredStatus"] == "STOPPED" for asked in lab.calls("ListTasks"))


def test_one_that_still_ends_is_asked_about_again(lab: Lab) -> None:
    lab.tasks([stopped(lastStatus="DEPROVISIONING")], [stopped()])
    looker = StoppedTasks(service())

    assert (looker.news(), len(looker.news())) == ([], 1)
