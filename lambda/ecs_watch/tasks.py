"""The tasks of a cluster, as ECS shows and stops them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ecs_watch.judging import Task
from ecs_watch.sight import Sight, described
from shared import cluster

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import TaskTypeDef


def running(client: "ECSClient", name: str) -> Sight[Task]:
    """All that shall run, whether or not they do yet."""
    return _described(client, name, lambda: cluster.task_arns(client, name, cluster.RUNNING))


def ending(client: "ECSClient", name: str) -> Sight[Task]:
    """All that shall run no more: some still do, and the others have ended within the hour."""
    return _described(client, name, lambda: cluster.task_arns(client, name, cluster.STOPPED))


def again(client: "ECSClient", name: str, tasks: Sequence[Task]) -> Sight[Task]:
    """The same tasks, as they are now."""
    return _described(client, name, lambda: [one.arn for one in tasks])


def stop(client: "ECSClient", name: str, task: Task, reason: str) -> bool:
    """Stop it, which gives it two minutes; no, where it has ended by itself."""
    try:
        client.stop_task(cluster=name, task=task.arn, reason=reason)
    except ClientError as error:
        if not cluster.is_gone(error):
            raise
        return False
    return True


def _described(client: "ECSClient", name: str, listed: Callable[[], list[str]]) -> Sight[Task]:
    return described(listed, lambda batch: cluster.tasks(client, name, batch), _read)


def _read(told: "TaskTypeDef") -> Task:
    return Task(
        arn=told["taskArn"],
        family=cluster.short(told.get("taskDefinitionArn", "")).partition(":")[0],
        group=told.get("group", ""),
        status=told.get("lastStatus", ""),
        since=told.get("createdAt"),
        provider=told.get("capacityProviderName", ""),
        host=told.get("containerInstanceArn", ""),
        stopping=told.get("stoppingAt"),
        stopped=told.get("stoppedAt"),
    )
