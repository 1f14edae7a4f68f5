"""What others may end: the tasks of an instance that is lost."""

from mlstack.local.ecs.tasks import Tasks

NOTICE_S = 120.0
"""How long a task has when its instance or its Spot capacity is taken away."""
_listening: dict[tuple[str, str], Tasks] = {}


def listen(account: str, region: str, tasks: Tasks) -> None:
    """Make these the tasks of an account and region."""
    _listening[account, region] = tasks


def instance_lost(account: str, region: str, container_instance_arn: str, stop_code: str, reason: str) -> None:
    """End the tasks of a container instance: SIGTERM, two minutes at most, then STOPPED for this reason."""
    tasks = _listening.get((account, region))
    for run in tasks.runs() if tasks else ():
        if run.task.instance_arn == container_instance_arn:
            run.stop(stop_code, reason, limit_s=NOTICE_S)
