"""The groups of instances, as Auto Scaling shows them, and lets them ask for fewer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecs_watch.demand import Group
from ecs_watch.sight import Sight, seen

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef


def found(client: "AutoScalingClient", names: Sequence[str]) -> Sight[Group]:
    """Those of the names that are there; without a name, Auto Scaling would tell of all that the account has."""
    return seen(lambda: _found(client, names)) if names else Sight()


def lower(client: "AutoScalingClient", group: Group) -> None:
    """Let it ask for as few as it may, at once: a cooldown would leave it the time to launch."""
    client.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=group.least, HonorCooldown=False)


def _found(client: "AutoScalingClient", names: Sequence[str]) -> list[Group]:
    pages = client.get_paginator("describe_auto_scaling_groups").paginate(AutoScalingGroupNames=names)
    return [_read(one) for page in pages for one in page["AutoScalingGroups"]]


def _read(told: "AutoScalingGroupTypeDef") -> Group:
    return Group(
        name=told["AutoScalingGroupName"],
        desired=told["DesiredCapacity"],
        least=told["MinSize"],
        instances=len(told.get("Instances", ())),
        ends=bool(told.get("Status")),
    )
