"""A service's tasks as targets of a load balancer."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ecs.shop import Shop
from tests.local.patience import eventually

Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def group(local_aws: LocalAws, shop: Shop) -> Iterator[str]:
    """A target group that no load balancer has."""
    [subnet] = shop.network["awsvpcConfiguration"]["subnets"]
    [found] = local_aws.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"]
    elbv2 = local_aws.client("elbv2")
    made = elbv2.create_target_group(
        Name=f"group-{uuid4().hex[:8]}", Protocol="HTTP", Port=8080, VpcId=found["VpcId"], TargetType="ip"
    )
    [arn] = [one["TargetGroupArn"] for one in made["TargetGroups"]]
    yield arn
    elbv2.delete_target_group(TargetGroupArn=arn)


@pytest.fixture
def listened(local_aws: LocalAws, group: str) -> Iterator[str]:
    """A target group that a load balancer's listener forwards to."""
    ec2, elbv2 = local_aws.client("ec2"), local_aws.client("elbv2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"][:2]]
    name = f"door-{uuid4().hex[:8]}"
    [balancer] = elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme="internal")["LoadBalancers"]
    forward = {"Type": "forward", "TargetGroupArn": group}
    [listener] = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward]
    )["Listeners"]
    yield group
    elbv2.delete_listener(ListenerArn=listener["ListenerArn"])
    elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])


def _balanced(group: str, port: int = 8080) -> list[dict[str, Any]]:
    return [{"targetGroupArn": group, "containerName": "one", "containerPort": port}]


def test_running_tasks_are_targets(local_aws: LocalAws, shop: Shop, listened: str) -> None:
    elbv2 = local_aws.client("elbv2")
    ports = [{"containerPort": 8080}]
    definition = shop.definition(shop.container("one", "gentle", portMappings=ports))

    def targets() -> set[str]:
        found = elbv2.describe_target_health(TargetGroupArn=listened)["TargetHealthDescriptions"]
        return {one["Target"]["Id"] for one in found if one["TargetHealth"]["State"] != "draining"}

    name = shop.service(definition, loadBalancers=_balanced(listened))
    shop.steady(name)
    [task] = shop.tasks_of(name)
    details = {one["name"]: one["value"] for one in shop.task(task)["attachments"][0]["details"]}

    assert eventually(targets) == {details["privateIPv4Address"]}
    shop.ecs.update_service(cluster=shop.cluster, service=name, desiredCount=0)
    assert eventually(lambda: not targets())


def test_group_without_a_load_balancer_is_refused(shop: Shop, refusal: Refusal, group: str) -> None:
    definition = shop.definition(shop.container("one", "gentle", portMappings=[{"containerPort": 8080}]))

    said = refusal(shop.service, definition=definition, loadBalancers=_balanced(group))

    assert said == (
        "InvalidParameterException",
        f"The target group with targetGroupArn {group} does not have an associated load balancer.",
    )


def test_port_that_no_container_has_is_refused(shop: Shop, refusal: Refusal, listened: str) -> None:
    definition = shop.definition(shop.container("one", "gentle"))

    _, message = refusal(shop.service, definition=definition, loadBalancers=_balanced(listened, 9090))

    assert message == "The container one does not exist in the task definition, or has no port 9090."
