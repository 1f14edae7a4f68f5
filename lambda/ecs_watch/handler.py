"""Looks after a stage's cluster from outside: ends what its own scaling and workflow should have ended."""

import logging
from collections.abc import Mapping
from typing import Any

from ecs_watch import queues, tasks
from ecs_watch.fleet import fleet
from ecs_watch.line import Line
from ecs_watch.lowering import lower_groups
from ecs_watch.settings import settings
from ecs_watch.stopping import stop_tasks
from ecs_watch.terminating import terminate_machines
from shared import clients, clock

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)


class UnfinishedError(Exception):
    """Not everything could be seen, or ended: Lambda tries again, and its Errors metric tells of it."""


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, list[Line]]:
    """Judge every task, every instance and every group, whatever fails; say of each what was found and done.

    The groups come after the tasks: what was wanted for a task that is stopped now is wanted no more. The queues come
    last: they have hours, and an SQS that does not answer must not take the time of what costs.

    Raises:
        UnfinishedError: after all of them, where one was not ended, or something could not be looked at.
    """
    told, now = settings(), clock.now()
    stopped, unseen = stop_tasks(tasks.running(clients.ecs(), told.cluster), told, now)
    terminated, hidden = terminate_machines(fleet(told), told, now)
    lowered, unclear = lower_groups(told)
    asleep = queues.touch(clients.sqs(), told.queues)
    lines = stopped + terminated + lowered
    named = [f"{_name(one)}: {one['error']}" for one in lines if "error" in one]
    failed = [*named, *dict.fromkeys((*unseen, *hidden, *unclear, *asleep))]
    if failed:
        message = "; ".join(failed)
        logger.error("%s", message)
        raise UnfinishedError(message)
    return {"tasks": stopped, "instances": terminated, "groups": lowered}


def _name(told: Line) -> str:
    """What a line is about; that of an instance says its group, too."""
    return told.get("task") or told.get("instance") or told["group"]
