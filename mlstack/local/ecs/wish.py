"""What a task needs of an instance, as those ask who place it."""

from mlstack.local.capacity import placement
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.task import Task


def wish(hall: Hall, said: Task) -> placement.Wish:
    """What a task needs of an instance."""
    return placement.Wish(
        account=hall.place.account,
        region=hall.place.region,
        cluster=said.cluster,
        task_arn=said.arn,
        provider=said.provider,
        gpus=said.gpus,
        cpu_units=said.needs("cpu"),
        memory_mib=said.needs("memory"),
        group=said.group,
    )
