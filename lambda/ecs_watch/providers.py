"""The capacity providers that tasks wait for, and the groups that launch for them."""

from typing import TYPE_CHECKING

from ecs_watch.judging import Task
from ecs_watch.sight import Sight, described
from shared import cluster

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import CapacityProviderTypeDef

NAME = ":autoScalingGroupName/"
"""What stands before the name in the ARN of a group."""


def awaited(client: "ECSClient", tasks: Sight[Task]) -> Sight[str]:
    """The groups on which tasks wait, by their names."""
    names = sorted({one.provider for one in tasks.things if one.starts})
    groups = described(lambda: names, lambda batch: cluster.capacity_providers(client, batch), _group)
    return Sight(groups.things, tasks.troubles + groups.troubles)


def _group(told: "CapacityProviderTypeDef") -> str:
    """ECS tells the group's ARN; none where the provider launches by itself."""
    return told.get("autoScalingGroupProvider", {}).get("autoScalingGroupArn", "").rpartition(NAME)[2]
