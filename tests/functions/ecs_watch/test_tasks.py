"""Tasks that are too old, or that nobody can place, are given up; those of services, and young ones, are not."""

import pytest

from ecs_watch.handler import UnfinishedError
from tests.functions.ecs_watch.conftest import FAMILY, HOUR, MINUTE, Floor, actions, handled, name
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing

OLD = 25 * HOUR + MINUTE


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("family", [FAMILY, "by-hand"])
@pytest.mark.parametrize("provider", ["FARGATE_SPOT", "spot", ""])
def test_task_that_is_too_old_is_stopped(floor: Floor, family: str, provider: str) -> None:
    old = floor.ran(OLD, family=family, provider=provider, host="any" if provider == "spot" else "")
    young = floor.ran(25 * HOUR - MINUTE, family=family, provider=provider)

    assert actions("task") == {name(old): "stop", name(young): "leave"}
    assert (old.wanted, young.wanted) == ("STOPPED", "RUNNING")
    what = "a training run" if family == FAMILY else "a task of no service"
    assert old.reason == f"mlstack: it has been there for 25.02 h, and {what} may be for 24 h"


@pytest.mark.parametrize("provider", ["FARGATE", "FARGATE_SPOT", "spot"])
@pytest.mark.parametrize("status", ["RUNNING", "PENDING", "PROVISIONING"])
def test_task_of_a_service_is_never_stopped(floor: Floor, cloud: Cloud, provider: str, status: str) -> None:
    floor.ran(900 * HOUR, group="service:tagger", family=FAMILY, provider=provider, status=status)

    assert handled() == {"tasks": [], "instances": [], "groups": []}
    assert "StopTask" not in {call.operation for call in cloud.calls}


@pytest.mark.usefixtures("cloud")
def test_task_that_nobody_can_place_is_given_up(floor: Floor) -> None:
    waits = floor.ran(13 * MINUTE, status="PROVISIONING", provider="spot")

    assert actions("task") == {name(waits): "stop"}
    assert waits.reason == "mlstack: no capacity: spot had no place for it in 12 min"


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("minutes", "status", "provider", "host"),
    [
        (11, "PROVISIONING", "spot", ""),
        (60, "PROVISIONING", "FARGATE", ""),
        (60, "PROVISIONING", "FARGATE_SPOT", ""),
        (60, "PROVISIONING", "", ""),
        (60, "PROVISIONING", "spot", "any"),
        (60, "PENDING", "spot", "any"),
        (60, "RUNNING", "spot", "any"),
    ],
)
def test_task_that_may_still_find_its_place_is_left(
    floor: Floor, minutes: int, status: str, provider: str, host: str
) -> None:
    task = floor.ran(minutes * MINUTE, status=status, provider=provider, host=host)

    assert actions("task") == {name(task): "leave"}
    assert task.wanted == "RUNNING"


def test_task_that_finds_its_place_at_the_last_moment_is_left(floor: Floor, cloud: Cloud) -> None:
    waits = floor.ran(13 * MINUTE, status="PROVISIONING", provider="spot")
    looks = iter(range(9))

    def places(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "DescribeTasks" and done and next(looks) == 0:
            waits.status, waits.host = "PENDING", "any"

    cloud.wait = places

    assert actions("task") == {name(waits): "leave"}
    assert waits.wanted == "RUNNING"


@pytest.mark.usefixtures("cloud")
def test_task_that_was_stopped_already_is_not_stopped_again(floor: Floor) -> None:
    floor.ran(OLD, wanted="STOPPED", reason="by hand", late=9)

    assert handled()["tasks"] == []


@pytest.mark.usefixtures("cloud")
def test_every_task_of_every_page_is_judged(floor: Floor) -> None:
    old = [floor.ran(OLD) for _ in range(230)]

    assert actions("task") == {name(one): "stop" for one in old}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("family", ["", "other"])
def test_cluster_without_training_limits_its_tasks_too(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    monkeypatch.setenv("FAMILY", family)
    old = floor.ran(OLD)

    handled()

    assert old.reason.endswith("a task of no service may be for 24 h")


def test_cluster_that_is_gone_has_nothing_to_stop(floor: Floor, cloud: Cloud) -> None:
    floor.gone = True

    assert handled() == {"tasks": [], "instances": [], "groups": []}
    assert cloud.calls


def test_cluster_with_fargate_alone_asks_for_no_instances(
    floor: Floor, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUPS", "[]")
    floor.ran(HOUR)

    handled()

    assert {call.operation for call in cloud.calls} == {"ListTasks", "DescribeTasks", "GetQueueAttributes"}


@pytest.mark.usefixtures("cloud")
def test_task_whose_age_nobody_tells_is_left_and_told(floor: Floor) -> None:
    task = floor.run(created=None)

    with pytest.raises(UnfinishedError, match=f"{name(task)}: ECS does not say since when it is there"):
        handled()

    assert task.wanted == "RUNNING"


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServerException"])
def test_one_that_cannot_be_stopped_hides_no_other_and_is_told_at_the_end(
    floor: Floor, cloud: Cloud, number: int, code: str
) -> None:
    tasks = [floor.ran(OLD) for _ in range(3)]
    struck = tasks[number]
    cloud.faults = [Fault(answer=refusing(code), operation="StopTask", about=struck.arn)]

    with pytest.raises(UnfinishedError, match=f"{name(struck)}: StopTask: {code}"):
        handled()

    assert [one for one in tasks if one.wanted == "RUNNING"] == [struck]


def test_task_that_ends_by_itself_meanwhile_is_no_error(floor: Floor, cloud: Cloud) -> None:
    task = floor.ran(OLD)

    def goes(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "StopTask" and not done:
            floor.tasks.clear()

    cloud.wait = goes

    assert actions("task") == {name(task): "leave"}


def test_batch_that_is_not_described_hides_no_other_and_is_told(floor: Floor, cloud: Cloud) -> None:
    tasks = [floor.ran(OLD) for _ in range(150)]
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation="DescribeTasks", about=tasks[0].arn)]

    with pytest.raises(UnfinishedError, match="DescribeTasks: AccessDeniedException"):
        handled()

    assert [one.wanted for one in tasks] == ["RUNNING"] * 100 + ["STOPPED"] * 50


@pytest.mark.usefixtures("cloud")
def test_task_that_ecs_hides_is_told_and_hides_no_other(floor: Floor) -> None:
    hidden, old = floor.ran(OLD), floor.ran(OLD)
    floor.hidden[hidden.arn] = "UNAVAILABLE"

    with pytest.raises(UnfinishedError, match=f"ECS does not describe {name(hidden)} \\(UNAVAILABLE\\)"):
        handled()

    assert (hidden.wanted, old.wanted) == ("RUNNING", "STOPPED")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServerException"])
def test_tasks_that_cannot_be_looked_at_again_are_left_and_told(floor: Floor, cloud: Cloud, code: str) -> None:
    task = floor.ran(OLD)
    cloud.faults = [Fault(answer=refusing(code), place=2)]

    with pytest.raises(UnfinishedError, match=f"DescribeTasks: {code}"):
        handled()

    assert task.wanted == "RUNNING"
