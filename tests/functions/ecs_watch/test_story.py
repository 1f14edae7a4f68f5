"""Watch, ECS, Auto Scaling, EC2 and SQS of moto together: what nobody needs does not run on."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from moto.ecs.models import ecs_backends

from ecs_watch import handler
from shared import clients, clock
from tests.functions.ecs_watch.conftest import ENVIRONMENT, FAMILY, HOUR, MINUTE

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

CLUSTER = ENVIRONMENT["CLUSTER"]
ACCOUNT = "123456789012"
MADE = (clients.ecs, clients.autoscaling, clients.ec2, clients.sqs)


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Iterator["ECSClient"]:
    """An empty cluster, and the queue of a service."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for made in MADE:
        made.cache_clear()
    with mock_aws():
        clients.ecs().create_cluster(clusterName=CLUSTER)
        [url] = json.loads(ENVIRONMENT["QUEUES"])
        clients.sqs().create_queue(QueueName=url.rpartition("/")[2])
        yield clients.ecs()
    for made in MADE:
        made.cache_clear()


def launched(group: str, count: int) -> list[str]:
    """The ids of what a group that was made now has launched."""
    subnet = clients.ec2().describe_subnets()["Subnets"][0]["SubnetId"]
    template = clients.ec2().create_launch_template(
        LaunchTemplateName=group, LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "g4dn.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    clients.autoscaling().create_auto_scaling_group(
        AutoScalingGroupName=group,
        MinSize=0,
        MaxSize=count,
        DesiredCapacity=count,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateId": template},
    )
    [told] = clients.autoscaling().describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    return [one["InstanceId"] for one in told["Instances"]]


def states(boxes: list[str]) -> list[str]:
    """How the instances are."""
    told = clients.ec2().describe_instances(InstanceIds=boxes)["Reservations"]
    found = {one["InstanceId"]: one["State"]["Name"] for group in told for one in group["Instances"]}
    return [found[box] for box in boxes]


def since(box: str) -> datetime:
    """When it was launched."""
    return clients.ec2().describe_instances(InstanceIds=[box])["Reservations"][0]["Instances"][0]["LaunchTime"]


def look(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    handler.handle({}, None)


def test_group_without_work_goes_back_to_zero(monkeypatch: pytest.MonkeyPatch, ecs: "ECSClient") -> None:
    boxes = launched("spot", 2)
    for box in boxes[:1]:
        ecs.register_container_instance(cluster=CLUSTER, instanceIdentityDocument=json.dumps({"instanceId": box}))
    start, seen = since(boxes[0]), []

    for minutes in (4, 9, 13, 17):
        look(monkeypatch, start + minutes * MINUTE)
        seen.append(states(boxes))

    assert seen == [
        ["running", "running"],
        ["terminated", "running"],
        ["terminated", "running"],
        ["terminated", "terminated"],
    ]
    [group] = clients.autoscaling().describe_auto_scaling_groups(AutoScalingGroupNames=["spot"])["AutoScalingGroups"]
    assert (group["DesiredCapacity"], group["Instances"]) == (0, [])


def test_run_that_outlives_its_workflow_is_stopped(monkeypatch: pytest.MonkeyPatch, ecs: "ECSClient") -> None:
    ecs.register_task_definition(
        family=FAMILY, containerDefinitions=[{"name": "training", "image": "any", "cpu": 1, "memory": 1}]
    )
    subnet = clients.ec2().describe_subnets()["Subnets"][0]["SubnetId"]
    arn = ecs.run_task(
        cluster=CLUSTER,
        taskDefinition=FAMILY,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
    )["tasks"][0]["taskArn"]
    [kept] = ecs_backends[ACCOUNT]["us-east-1"].tasks[CLUSTER].values()
    start = clock.now()
    monkeypatch.setattr(kept, "created_at", start.timestamp(), raising=False)  # which moto does not say
    seen = []

    for age in (HOUR, 24 * HOUR, 26 * HOUR):
        look(monkeypatch, start + age)
        [told] = ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"]
        seen.append((told["desiredStatus"], told.get("stoppedReason") or ""))

    assert [wanted for wanted, _ in seen] == ["RUNNING", "RUNNING", "STOPPED"]
    assert seen[-1][1] == "mlstack: it has been there for 26 h, and a training run may be for 24 h"


@pytest.mark.usefixtures("ecs")
def test_empty_cluster_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch, clock.now() + timedelta(days=1))
