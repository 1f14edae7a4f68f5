"""Function, ECS, Auto Scaling and EC2 of moto together: afterwards nothing holds what CloudFormation deletes."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from shared import clients
from tests.functions.cloudformation import Address
from tests.functions.ecs import CLUSTER
from tests.functions.ecs_release.conftest import asked

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

IMAGE = "ami-12c6146b"


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Iterator["ECSClient"]:
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for made in (clients.ecs, clients.autoscaling, clients.ec2):
        made.cache_clear()
    with mock_aws():
        yield clients.ecs()
    for made in (clients.ecs, clients.autoscaling, clients.ec2):
        made.cache_clear()


def launched(group: str) -> list[str]:
    """The ids of what a group that was made now has launched."""
    subnet = clients.ec2().describe_subnets()["Subnets"][0]["SubnetId"]
    template = clients.ec2().create_launch_template(
        LaunchTemplateName=group, LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "g4dn.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    clients.autoscaling().create_auto_scaling_group(
        AutoScalingGroupName=group,
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=2,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateId": template},
    )
    [told] = clients.autoscaling().describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    return [one["InstanceId"] for one in told["Instances"]]


def register(ecs: "ECSClient", instance: str) -> None:
    """What the agent on it does."""
    ecs.register_container_instance(cluster=CLUSTER, instanceIdentityDocument=json.dumps({"instanceId": instance}))


@pytest.mark.usefixtures("time")
def test_cluster_with_a_service_tasks_and_instances_can_be_deleted(ecs: "ECSClient", address: Address) -> None:
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(
        family="tagger", containerDefinitions=[{"name": "server", "image": "any", "cpu": 1, "memory": 1}]
    )
    ecs.create_service(cluster=CLUSTER, serviceName="tagger", taskDefinition="tagger", desiredCount=2)
    boxes = launched("spot")
    for box in boxes:
        register(ecs, box)
    ecs.run_task(cluster=CLUSTER, taskDefinition="tagger", count=3)

    said = asked("Delete", address)

    assert said["Status"] == "SUCCESS"
    assert ecs.describe_services(cluster=CLUSTER, services=["tagger"])["services"][0]["desiredCount"] == 0
    assert ecs.list_tasks(cluster=CLUSTER, desiredStatus="RUNNING")["taskArns"] == []
    assert ecs.list_container_instances(cluster=CLUSTER)["containerInstanceArns"] == []
    assert clients.autoscaling().describe_auto_scaling_groups()["AutoScalingGroups"] == []
    told = clients.ec2().describe_instances(InstanceIds=boxes)["Reservations"]
    assert {one["State"]["Name"] for group in told for one in group["Instances"]} == {"terminated"}


@pytest.mark.usefixtures("time", "ecs")
def test_cluster_that_was_never_there_is_empty(address: Address) -> None:
    assert asked("Delete", address)["Status"] == "SUCCESS"
