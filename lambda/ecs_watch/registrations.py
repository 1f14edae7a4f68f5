"""The container instances of a cluster, as ECS shows them, and keeps tasks away from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from ecs_watch.judging import Registration
from ecs_watch.sight import Sight, described
from shared import cluster

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import ContainerInstanceTypeDef

Status = Literal["ACTIVE", "DRAINING"]
ACTIVE: Literal["ACTIVE"] = "ACTIVE"
DRAINING: Literal["DRAINING"] = "DRAINING"


def registered(client: "ECSClient", name: str) -> Sight[Registration]:
    """All of a cluster."""
    return described(
        lambda: cluster.instance_arns(client, name),
        lambda batch: cluster.container_instances(client, name, batch),
        _read,
    )


def set_status(client: "ECSClient", name: str, ones: Sequence[Registration], status: Status) -> None:
    """Let ECS place no more tasks on them, or place tasks again.

    Raises:
        ClientError: where one of them is not as it was asked to be.
    """
    arns = [one.arn for one in ones]
    answer = client.update_container_instances_state(cluster=name, containerInstances=arns, status=status)
    if answer["failures"]:
        code = answer["failures"][0].get("reason", "Unknown")
        message = f"{cluster.short(arns[0])} is not {status}"
        raise ClientError({"Error": {"Code": code, "Message": message}}, "UpdateContainerInstancesState")


def _read(told: "ContainerInstanceTypeDef") -> Registration:
    return Registration(
        arn=told["containerInstanceArn"],
        instance=told.get("ec2InstanceId", ""),
        connected=bool(told.get("agentConnected")),
        active=told.get("status") == ACTIVE,
        since=told.get("registeredAt"),
        tasks=told.get("runningTasksCount", 0) + told.get("pendingTasksCount", 0),
    )
