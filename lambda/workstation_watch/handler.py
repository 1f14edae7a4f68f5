"""Looks after a stage's workstations from outside, every quarter of an hour: the belt to their own agents' braces."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock
from shared.fault import reason_of
from shared.silence import Silence
from workstation_watch.heartbeat import last_heard
from workstation_watch.instances import end, running
from workstation_watch.judging import UNREADABLE, Outcome, Workstation, judge
from workstation_watch.settings import Settings, settings

logging.getLogger(__package__).setLevel(logging.INFO)
logger = logging.getLogger(__name__)

Line = dict[str, str]
"""What was found of an instance, and done with it."""


class UnfinishedError(Exception):
    """Not every instance could be judged, or ended: Lambda tries again, and its Errors metric tells of it."""


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, list[Line]]:
    """Judge every instance, one after the other, whatever fails; say of each what was found and done.

    Raises:
        UnfinishedError: after all of them, where one was not ended, or its heartbeat could not be read.
    """
    told, now = settings(), clock.now()
    found = running(clients.ec2(), told.stage)
    heard = last_heard(clients.cloudwatch(), found, told, now)
    lines = [_looked_after(one, heard.get(one.id, Silence.HEARD_NOTHING), told, now) for one in found]
    failed = [f"{line['instance']}: {line['error']}" for line in lines if "error" in line]
    if failed:
        raise UnfinishedError("; ".join(failed))
    return {"workstations": lines}


def _looked_after(workstation: Workstation, heard: datetime | Silence, told: Settings, now: datetime) -> Line:
    """Judge one, end it where it must, and log it."""
    verdict = judge(workstation, heard, told, now)
    line = {
        "workstation": workstation.name,
        "instance": workstation.id,
        "state": workstation.state,
        "since": workstation.since.isoformat(),
        "action": Outcome.LEAVE.value,
        "reason": verdict.reason,
    }
    if verdict.ends:
        try:
            line["action"] = end(clients.ec2(), workstation).value
        except (BotoCoreError, ClientError) as error:
            line["error"] = reason_of(error)
    elif heard in UNREADABLE:
        line["error"] = verdict.reason
    level = logging.ERROR if "error" in line else logging.WARNING if verdict.ends else logging.INFO
    logger.log(level, "%s", json.dumps(line))
    return line
