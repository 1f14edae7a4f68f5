"""The tasks and container instances of an ECS cluster, all of them, however many pages and batches they take."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import (
        CapacityProviderTypeDef,
        ContainerInstanceTypeDef,
        FailureTypeDef,
        TaskTypeDef,
    )

BATCH = 100
"""What ECS describes at a time."""
CLUSTER_GONE = frozenset({"ClusterNotFoundException"})
GONE = frozenset({"INACTIVE", "MISSING"})
"""Why ECS does not describe what has gone since it was listed."""
NOT_FOUND = frozenset({"ClientException", "InvalidParameterException"})

RUNNING: Literal["RUNNING"] = "RUNNING"
STOPPED: Literal["STOPPED"] = "STOPPED"


def task_arns(client: "ECSClient", cluster: str, wanted: Literal["RUNNING", "STOPPED"]) -> list[str]:
    """The tasks that shall run, which they need not do yet, or those that shall not, which may still run."""
    try:
        pages = client.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=wanted)
        return [arn for page in pages for arn in page["taskArns"]]
    except ClientError as error:
        return _none_of_a_gone_cluster(error)


def instance_arns(client: "ECSClient", cluster: str) -> list[str]:
    """The container instances that are registered, whether or not they are well."""
    try:
        pages = client.get_paginator("list_container_instances").paginate(cluster=cluster)
        return [arn for page in pages for arn in page["containerInstanceArns"]]
    except ClientError as error:
        return _none_of_a_gone_cluster(error)


def batches(arns: Sequence[str], size: int = BATCH) -> Iterator[Sequence[str]]:
    """So many at a time."""
    return (arns[start : start + size] for start in range(0, len(arns), size))


def tasks(client: "ECSClient", cluster: str, batch: Sequence[str]) -> "tuple[list[TaskTypeDef], list[str]]":
    """The tasks of a batch, and those of them that ECS does not show although they are there."""
    try:
        told = client.describe_tasks(cluster=cluster, tasks=batch)
    except ClientError as error:
        return _none_of_a_gone_cluster(error), []
    return told["tasks"], _unseen(told["failures"])


def container_instances(
    client: "ECSClient", cluster: str, batch: Sequence[str]
) -> "tuple[list[ContainerInstanceTypeDef], list[str]]":
    """The container instances of a batch, and those of them that ECS does not show although they are there."""
    try:
        told = client.describe_container_instances(cluster=cluster, containerInstances=batch)
    except ClientError as error:
        return _none_of_a_gone_cluster(error), []
    return told["containerInstances"], _unseen(told["failures"])


def capacity_providers(client: "ECSClient", batch: Sequence[str]) -> "tuple[list[CapacityProviderTypeDef], list[str]]":
    """The capacity providers of a batch, whichever cluster has them, and those that ECS does not show."""
    told = client.describe_capacity_providers(capacityProviders=batch)
    return told["capacityProviders"], _unseen(told["failures"])


def is_gone(error: ClientError) -> bool:
    """Whether it refuses only because the thing, or its whole cluster, is not there any more."""
    message = error.response.get("Error", {}).get("Message", "").lower()
    return code_of(error) in CLUSTER_GONE or (code_of(error) in NOT_FOUND and "not found" in message)


def short(arn: str) -> str:
    """A task or container instance by the last part of its name, as people call it."""
    return arn.rpartition("/")[2]


def _unseen(failures: "Sequence[FailureTypeDef]") -> list[str]:
    return [
        f"{short(one.get('arn', 'something'))} ({one.get('reason', 'no reason')})"
        for one in failures
        if one.get("reason") not in GONE
    ]


def _none_of_a_gone_cluster(error: ClientError) -> list[Any]:
    """Nothing; every other refusal is raised."""
    if code_of(error) not in CLUSTER_GONE:
        raise error
    return []
