"""A service's tasks as targets of its load balancers."""

from collections.abc import Iterable
from contextlib import suppress

from botocore.exceptions import ClientError

from mlstack.local.ecs.hall import Client
from mlstack.local.ecs.refusal import invalid
from mlstack.local.ecs.task import Task
from mlstack.local.json_service import Json

NO_GROUP = "Unable to find the target group {arn}."
NO_BALANCER = "The target group with targetGroupArn {arn} does not have an associated load balancer."
NO_CONTAINER = "The container {name} does not exist in the task definition, or has no port {port}."


def check(client: Client, balancers: Iterable[Json], definition: Json) -> None:
    """Refuse target groups that no load balancer has yet, and ports that no container has."""
    for one in balancers:
        arn = one.get("targetGroupArn", "")
        try:
            [group] = client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        except ClientError as error:
            raise invalid(NO_GROUP.format(arn=arn)) from error
        if not group.get("LoadBalancerArns"):
            raise invalid(NO_BALANCER.format(arn=arn))
        ports = {
            (said["name"], mapping.get("containerPort"))
            for said in definition["containerDefinitions"]
            for mapping in said.get("portMappings") or ()
        }
        if (one.get("containerName"), one.get("containerPort")) not in ports:
            raise invalid(NO_CONTAINER.format(name=one.get("containerName"), port=one.get("containerPort")))


def register(client: Client, balancers: Iterable[Json], task: Task) -> None:
    """Let requests come to a task."""
    _each("register_targets", client, balancers, task)


def deregister(client: Client, balancers: Iterable[Json], task: Task) -> None:
    """Let no more requests come."""
    _each("deregister_targets", client, balancers, task)


def _each(operation: str, client: Client, balancers: Iterable[Json], task: Task) -> None:
    for one in balancers if task.interface else ():
        target = {"Id": task.interface.address if task.interface else "", "Port": one["containerPort"]}
        with suppress(ClientError):  # the group may be gone
            getattr(client("elbv2"), operation)(TargetGroupArn=one["targetGroupArn"], Targets=[target])
