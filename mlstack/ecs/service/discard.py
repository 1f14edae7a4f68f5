"""`mlstack service discard`."""

import click
from botocore.exceptions import ClientError

from mlstack import target as targets
from mlstack.console import err
from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.service.letters import Letters
from mlstack.ecs.service.service import Service
from mlstack.ecs.trouble import code, explained
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import counted

IN_PROGRESS = frozenset({"AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress"})


@click.command(short_help="Drop the requests that wait for a service")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Drop them; without it nothing is changed.")
@targets.options
@explained
def discard(name: str, target: Target, *, yes: bool) -> None:
    """Show how many requests wait for the service NAME, and with --yes drop them all, those in hand as well.

    What nobody can answer would wake the service again and again. Nothing in S3 is deleted: each photo stays where it
    was put. Dead letters stay too; they wake nothing.

    Example: mlstack service discard sorter --yes
    """
    service = Fleet.find(target).pick(name)
    sqs = target.account.client("sqs")
    letters = Letters.of(sqs, service.queue_url)
    if not letters.all:
        err.print(f"nothing waits for {service.name} in {target.shown}", markup=False)
        return
    number = f"{counted(letters.waiting, 'request')} waiting and {letters.in_hand:,} in hand"
    if not yes:
        again = service.command("discard", "--yes")
        err.print(
            f"about {number}; nothing is changed: `{again}` drops them all, and nobody will answer them", markup=False
        )
        return
    try:
        sqs.purge_queue(QueueUrl=service.queue_url)
    except ClientError as error:
        if code(error) not in IN_PROGRESS:
            raise
        message = f"the queue of {service.name} is being emptied already, which SQS does once a minute; wait a minute"
        raise UserError(message) from error
    err.print(f"dropped about {number}; SQS needs up to a minute for it", markup=False)
    err.print(_stays(service), markup=False)


def _stays(service: Service) -> str:
    """What is left of them, and of what they woke."""
    stays = f"their photos stay in s3://{service.bucket}/{service.requests}"
    return f"{stays}; `{service.command('sleep')}` sends the service to sleep now, if they woke it"
