"""The function says in one line of JSON what it found of each thing, and did with it."""

import json
import logging

import pytest

from ecs_watch.handler import UnfinishedError
from tests.functions.ecs_watch.conftest import FAMILY, HOUR, MINUTE, Floor, handled, name
from tests.functions.shared.cloud import Cloud, Fault, refusing


@pytest.mark.usefixtures("cloud")
def test_everything_is_logged_with_the_reason(
    floor: Floor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUPS", '["spot", "on-demand", "late"]')
    caplog.set_level(logging.INFO)
    old = floor.ran(26 * HOUR)
    used, host = floor.joined(HOUR)
    run = floor.ran(HOUR, host=host.arn, provider="spot")
    idle, _ = floor.joined(HOUR, "on-demand")
    floor.ask("late")

    said = handled()

    assert said["tasks"] == [
        {
            "task": name(run),
            "family": FAMILY,
            "state": "RUNNING",
            "since": "2026-11-24T15:00:00+00:00",
            "action": "leave",
            "reason": "it has time left",
        },
        {
            "task": name(old),
            "family": FAMILY,
            "state": "RUNNING",
            "since": "2026-11-23T14:00:00+00:00",
            "action": "stop",
            "reason": "mlstack: it has been there for 26 h, and a training run may be for 24 h",
        },
    ]
    assert said["instances"] == [
        {
            "instance": used.id,
            "group": "spot",
            "state": "running",
            "since": "2026-11-24T14:58:00+00:00",
            "action": "leave",
            "reason": "it has tasks",
        },
        {
            "instance": idle.id,
            "group": "on-demand",
            "state": "running",
            "since": "2026-11-24T14:58:00+00:00",
            "action": "terminate",
            "reason": "it has had no task since 2026-11-24 15:00 UTC",
        },
    ]
    assert said["groups"] == [
        {"group": "late", "action": "lower", "reason": "it asks for 1 and has none, and no task waits for it"}
    ]
    logged = [(one.levelno, json.loads(one.getMessage())) for one in caplog.records if one.name == "ecs_watch.line"]
    assert logged == list(
        zip(
            [logging.INFO, logging.WARNING, logging.INFO, logging.WARNING, logging.WARNING],
            said["tasks"] + said["instances"] + said["groups"],
            strict=True,
        )
    )


@pytest.mark.usefixtures("cloud")
def test_empty_cluster_is_no_error() -> None:
    assert handled() == {"tasks": [], "instances": [], "groups": []}


def test_every_trouble_is_told_once(floor: Floor, cloud: Cloud) -> None:
    floor.joined(16 * MINUTE)
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation="ListTasks")]

    with pytest.raises(UnfinishedError) as raised:
        handled()

    assert str(raised.value) == "ListTasks: AccessDeniedException: said AWS"


def test_all_operations_of_a_round_are_these(floor: Floor, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUPS", '["spot", "asks", "waits"]')
    floor.ran(26 * HOUR)
    floor.joined(HOUR)
    floor.joined(HOUR, connected=False)
    back, host = floor.joined(HOUR)
    floor.ran(HOUR, host=host.arn)
    floor.ask("asks")
    floor.ask("waits")
    floor.ran(MINUTE, provider="waits", status="PROVISIONING")
    back.tags = {**back.tags, "mlstack:agent-silent-since": "2026-11-24T15:01:00+00:00"}

    handled()

    assert {call.operation for call in cloud.calls} == {
        "CreateTags",
        "DeleteTags",
        "DescribeAutoScalingGroups",
        "DescribeCapacityProviders",
        "DescribeContainerInstances",
        "DescribeInstances",
        "DescribeTasks",
        "GetQueueAttributes",
        "ListContainerInstances",
        "ListTasks",
        "SetDesiredCapacity",
        "StopTask",
        "TerminateInstanceInAutoScalingGroup",
        "UpdateContainerInstancesState",
    }
