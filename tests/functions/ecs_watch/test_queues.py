"""Every look touches every queue, so that its metrics do not fall asleep, and no queue holds up anything else."""

import json

import pytest

from ecs_watch.handler import UnfinishedError
from tests.functions.ecs_watch.conftest import HOUR, Floor, handled
from tests.functions.shared.cloud import Cloud, Fault, refusing

URLS = [f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}" for name in ("tagger", "reader", "painter")]


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be several."""
    monkeypatch.setenv("QUEUES", json.dumps(URLS))


@pytest.mark.usefixtures("cloud")
def test_every_look_touches_every_queue(floor: Floor) -> None:
    handled()
    handled()

    assert floor.queues == URLS * 2


def test_cluster_without_services_touches_nothing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUES", "[]")

    handled()

    assert "GetQueueAttributes" not in {call.operation for call in cloud.calls}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("code", ["AccessDenied", "AWS.SimpleQueueService.NonExistentQueue", "ServiceUnavailable"])
def test_queue_that_cannot_be_touched_hides_no_other_and_is_told_by_name(
    floor: Floor, cloud: Cloud, number: int, code: str
) -> None:
    name = URLS[number].rpartition("/")[2]
    cloud.faults = [Fault(answer=refusing(code), operation="GetQueueAttributes", about=URLS[number])]

    with pytest.raises(UnfinishedError) as raised:
        handled()

    assert str(raised.value) == f"{name}: GetQueueAttributes: {code}: said AWS"
    assert floor.queues == [url for url in URLS if url != URLS[number]]


def test_queues_come_after_everything_that_costs(floor: Floor, cloud: Cloud) -> None:
    floor.ran(30 * HOUR)
    floor.joined(HOUR)
    floor.ask("on-demand")

    handled()

    first = [call.operation for call in cloud.calls].index("GetQueueAttributes")
    assert {call.service for call in cloud.calls[first:]} == {"sqs"}


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeInstances", "DescribeAutoScalingGroups"])
def test_queues_are_touched_whatever_else_is_refused(floor: Floor, cloud: Cloud, operation: str) -> None:
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation=operation)]

    with pytest.raises(UnfinishedError, match=operation):
        handled()

    assert floor.queues == URLS
