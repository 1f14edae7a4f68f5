"""Clusters and what belongs to them are seen as long as they are there: their leftovers are the dearest."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from mlstack.local.questions import Question, asked
from tests.local.patience import eventually

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"


class Made:
    """What a test makes under one name, and takes away again, in the order that AWS wants."""

    def __init__(self, aws: LocalAws) -> None:
        self.ecs, self.scaling = aws.client("ecs"), aws.client("application-autoscaling")
        self.groups, self.ec2 = aws.client("autoscaling"), aws.client("ec2")
        self.name = f"left-{uuid4().hex[:8]}"
        self.target = {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": f"service/{self.name}/{self.name}",
            "ScalableDimension": DIMENSION,
        }
        self.definition = ""
        self.template = ""

    def cluster(self) -> str:
        return str(self.ecs.create_cluster(clusterName=self.name)["cluster"]["clusterArn"])

    def register(self) -> str:
        made = self.ecs.register_task_definition(
            family=self.name,
            containerDefinitions=[{"name": "none", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1"}],
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn="arn:aws:iam::123456789012:role/any",
        )
        self.definition = str(made["taskDefinition"]["taskDefinitionArn"])
        return self.definition

    def service(self) -> str:
        subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        made = self.ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=self.name,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            desiredCount=0,
        )
        self.scaling.register_scalable_target(**self.target, MinCapacity=0, MaxCapacity=1)
        return str(made["service"]["serviceArn"])

    def provider(self) -> str:
        """A capacity provider of an empty group."""
        said = {"ImageId": self.ec2.describe_images()["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
        made = self.ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=said)
        self.template = str(made["LaunchTemplate"]["LaunchTemplateId"])
        zone = self.ec2.describe_subnets()["Subnets"][0]["AvailabilityZone"]
        self.groups.create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": "$Latest"},
            MinSize=0,
            MaxSize=1,
            AvailabilityZones=[zone],
        )
        [group] = self.groups.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"]
        self.ecs.create_capacity_provider(
            name=self.name, autoScalingGroupProvider={"autoScalingGroupArn": group["AutoScalingGroupARN"]}
        )
        return self.template

    def close(self) -> None:
        steps: tuple[Callable[[], object], ...] = (
            lambda: self.scaling.deregister_scalable_target(**self.target),
            lambda: self.ecs.delete_service(cluster=self.name, service=self.name, force=True),
            lambda: self.ecs.deregister_task_definition(taskDefinition=self.definition),
            lambda: self.ecs.delete_capacity_provider(capacityProvider=self.name),
            lambda: self.groups.delete_auto_scaling_group(AutoScalingGroupName=self.name, ForceDelete=True),
            lambda: self.ec2.delete_launch_template(LaunchTemplateId=self.template),
        )
        for gone in steps:
            with suppress(ClientError):
                gone()
        eventually(self.no_cluster)

    def no_cluster(self) -> bool:
        """Whether the cluster is gone: it is refused as long as a service drains."""
        try:
            self.ecs.delete_cluster(cluster=self.name)
        except ClientError as error:
            return "ClusterNotFound" in str(error)
        return True


@pytest.fixture
def made(local_aws: LocalAws) -> Iterator[Made]:
    one = Made(local_aws)
    yield one
    one.close()


def test_a_cluster_is_seen_with_all_that_belongs_to_it_and_leaves_nothing(made: Made, local_aws: LocalAws) -> None:
    before = inventory(local_aws.client)

    expected = {
        Resource("cluster", made.cluster()),
        Resource("task definition", made.register()),
        Resource("service", made.service()),
        Resource("scalable service", made.target["ResourceId"]),
        Resource("launch template", made.provider()),
        Resource("capacity provider", made.name),
        Resource("Auto Scaling group", made.name),
    }

    assert inventory(local_aws.client) - before == expected
    made.close()
    assert eventually(lambda: inventory(local_aws.client) == before)


class Paged:
    """A client that tells of two clusters, one of them on a second page."""

    def can_paginate(self, operation: str) -> bool:
        return operation == "list_clusters"

    def get_paginator(self, operation: str) -> "Paged":
        assert operation == "list_clusters"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"clusterArns": ["one"]}, {"clusterArns": ["two"]}]

    def list_services(self, cluster: str, extra: str) -> dict[str, Any]:
        return {"serviceArns": [f"{cluster}/{extra}"]}


def test_a_question_about_each_cluster_is_asked_of_each() -> None:
    client = Paged()
    question = Question(
        "ecs",
        "list_services",
        "serviceArns[]",
        {"extra": "a"},
        each=lambda ecs: [{"cluster": arn} for arn in asked(ecs, Question("ecs", "list_clusters", "clusterArns[]"))],
    )

    assert asked(client, question) == ["one/a", "two/a"]
