"""What ECS tells the event bus."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ecs.shop import Shop
from tests.local.patience import eventually


@pytest.fixture
def heard(local_aws: LocalAws) -> Iterator[list[dict[str, Any]]]:
    """Every event of ECS, as it comes; reading it looks again."""
    name, events, sqs = f"ecs-{uuid4().hex[:8]}", local_aws.client("events"), local_aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.ecs"]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    yield _Heard(sqs, url)
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


class _Heard(list[dict[str, Any]]):
    """Events that grow while somebody waits for them."""

    def __init__(self, sqs: Any, url: str) -> None:  # noqa: ANN401 - a client
        super().__init__()
        self._sqs = sqs
        self._url = url

    def look(self) -> list[dict[str, Any]]:
        for one in self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", []):
            self.append(json.loads(one["Body"]))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=one["ReceiptHandle"])
        return self


def test_every_status_of_a_task_is_an_event(shop: Shop, heard: _Heard) -> None:
    arn = shop.ended(shop.definition(shop.container("one", "end", "4")))["taskArn"]

    def mine() -> list[dict[str, Any]]:
        return [one["detail"] for one in heard.look() if one["resources"] == [arn]]

    eventually(lambda: mine() and mine()[-1]["lastStatus"] == "STOPPED")
    assert [one["lastStatus"] for one in mine()] == ["PROVISIONING", "PENDING", "RUNNING", "STOPPED"]
    assert mine()[-1]["stopCode"] == "EssentialContainerExited"
    assert mine()[-1]["containers"][0]["exitCode"] == 4
    assert mine()[-1]["stoppedAt"].endswith("Z")
    assert heard[0]["detail-type"] == "ECS Task State Change"


def test_deployment_is_told_when_it_begins_and_is_completed(shop: Shop, heard: _Heard) -> None:
    name = shop.service(shop.definition(shop.container("one", "gentle")))
    arn = shop.steady(name)["serviceArn"]

    def mine() -> list[str]:
        return [one["detail"]["eventName"] for one in heard.look() if one["resources"] == [arn]]

    assert eventually(lambda: mine()[1:])
    assert mine() == ["SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED"]
