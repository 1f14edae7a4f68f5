"""The tasks of a cluster that are not over, as ECS finds and stops them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared import cluster
from shared.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_ecs.type_defs import TaskTypeDef

STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class Task:
    """One that runs, or is about to, or ends."""

    arn: str
    status: str
    wanted: str
    group: str
    hosted: bool
    """Whether it has a place on an instance, with which it would end at once."""

    def __str__(self) -> str:
        """In a few words."""
        return f"task {cluster.short(self.arn)} ({', '.join(part for part in (self.status, self.group) if part)})"


@dataclass(frozen=True, slots=True)
class Tasks:
    """Of one cluster."""

    client: "ECSClient"
    cluster: str
    over: set[str]
    """Those that were seen to be over: ECS lists them for an hour, and nothing else becomes of them."""

    def living(self) -> tuple[list[Task], list[str]]:
        """All that are not over, and what ECS does not show of them."""
        listed = [
            arn
            for wanted in (cluster.STOPPED, cluster.RUNNING)
            for arn in cluster.task_arns(self.client, self.cluster, wanted)
        ]
        found: dict[str, Task] = {}
        unseen: list[str] = []
        for batch in cluster.batches([arn for arn in dict.fromkeys(listed) if arn not in self.over]):
            told, hidden = cluster.tasks(self.client, self.cluster, batch)
            found |= {one["taskArn"]: _read(one) for one in told}
            unseen += hidden
        self.over.update(arn for arn, one in found.items() if one.status == STOPPED)
        return [one for one in found.values() if one.status != STOPPED], unseen

    def stop(self, doomed: Iterable[Task], reason: str) -> None:
        """Stop all that nobody has stopped yet."""
        to_each(
            [one.arn for one in doomed if one.wanted != STOPPED],
            lambda arn: self.client.stop_task(cluster=self.cluster, task=arn, reason=reason),
            "stop it",
            goes=cluster.is_gone,
        )


def _read(told: "TaskTypeDef") -> Task:
    return Task(
        arn=told["taskArn"],
        status=told.get("lastStatus", ""),
        wanted=told.get("desiredStatus", ""),
        group=told.get("group", ""),
        hosted=bool(told.get("containerInstanceArn")),
    )
