"""`mlstack service sleep`."""

import click
from botocore.exceptions import BotoCoreError, ClientError

from mlstack import target as targets
from mlstack.console import err
from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.service.letters import Letters
from mlstack.ecs.service.service import Service
from mlstack.ecs.service.tasks import ASLEEP, Tasks, existing
from mlstack.ecs.trouble import explained, next_step
from mlstack.target import Target
from mlstack.text import counted, printable


@click.command(short_help="Send a service to sleep now")
@click.argument("name", metavar="NAME")
@targets.options
@explained
def sleep(name: str, target: Target) -> None:
    """Take the service NAME down to no task now; what waits stays in its queue, and is said.

    What its tasks have in hand is finished or given back to the queue. A request that waits wakes it again.

    Example: mlstack service sleep sorter
    """
    service = Fleet.find(target).pick(name)
    ecs = target.account.client("ecs")
    tasks = existing(Tasks.of(ecs, service), service)
    if tasks.state == ASLEEP:
        err.print(f"{service.name} is asleep already", markup=False)
    else:
        ecs.update_service(cluster=service.cluster, service=service.service, desiredCount=0)
        up = tasks.running + tasks.pending
        ends = f"{counted(up, 'task')} will have ended within a minute or two" if up else "none of its tasks runs"
        err.print(f"{service.name} falls asleep: {ends}", markup=False)
    _tell(service)


def _tell(service: Service) -> None:
    """Say what wakes it again; that this cannot be seen has kept nothing from going to sleep."""
    try:
        letters = Letters.of(service.target.account.client("sqs"), service.queue_url)
    except (BotoCoreError, ClientError) as error:
        step = next_step(error, service.target) if isinstance(error, ClientError) else ""
        why = step or printable(" ".join(str(error).split()))
        err.print(f"what waits for it cannot be seen: {why}", markup=False)
    else:
        _tell_letters(letters)
    _tell_scaling(service)


def _tell_letters(letters: Letters) -> None:
    if letters.all:
        err.print(
            f"{letters.waiting:,} waiting and {letters.in_hand:,} in hand: what stays in the queue wakes it again "
            "within minutes",
            markup=False,
        )


def _tell_scaling(service: Service) -> None:
    if service.min_tasks:
        tasks = counted(service.min_tasks, "task")
        err.print(
            f"its profile wants {tasks} at least, so its scaling may wake it at any time; "
            f"write min_tasks = 0 into [ecs.services.{service.name}] and deploy the stage",
            markup=False,
        )
