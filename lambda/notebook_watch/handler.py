"""Looks after a notebook instance from outside, every quarter of an hour: the belt to its own agent's braces."""

import logging
from collections.abc import Mapping
from typing import Any

from notebook_watch import instance
from notebook_watch.heartbeat import last_heard
from notebook_watch.judging import RUNNING, patience, reason_to_stop
from notebook_watch.settings import settings
from shared import clients, clock
from shared.silence import Silence

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)


class OutageError(Exception):
    """The heartbeat could not be read for now, and the instance is younger than its limit."""


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Stop the instance where its agent is silent or it has run too long; say what was found and done.

    Raises:
        OutageError: where CloudWatch fails for the moment: Lambda tries again, and its Errors metric tells of it.
    """
    told, now = settings(), clock.now()
    notebook = instance.described(clients.sagemaker(), told.name)
    if notebook is None or notebook.status not in RUNNING:
        status = notebook.status if notebook else "gone"
        logger.info("%s is %s", told.name, status)
        return {"notebook": told.name, "status": status, "action": "none"}
    heard = last_heard(clients.cloudwatch(), told.name, since=now - 2 * patience(told), now=now)
    reason = reason_to_stop(notebook, heard, told, now)
    if reason is None:
        if heard is Silence.OUTAGE:
            raise OutageError(told.name)
        logger.info("%s runs since %s and was last heard of: %s", told.name, notebook.since, heard)
        return {"notebook": told.name, "status": notebook.status, "action": "none"}
    logger.warning("stopping %s: %s", told.name, reason)
    stopped = instance.stop(clients.sagemaker(), told.name)
    return {"notebook": told.name, "status": notebook.status, "action": "stop" if stopped else "none", "reason": reason}
