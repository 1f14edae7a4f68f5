"""Stops every running execution of a state machine."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import Fault, code_of, fault_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

logger = logging.getLogger(__name__)

CAUSE = "the stage is being destroyed"
LOOKS = 2
"""ListExecutions is eventually consistent: one empty answer may come before the last execution shows."""
PAUSE_S = 1.0
MACHINE_GONE = frozenset({"ResourceNotFound", "StateMachineDoesNotExist"})
EXECUTION_GONE = frozenset({"ExecutionDoesNotExist"})


class StillRunningError(UnfulfilledError):
    """There was not time enough for all of them."""


def stop_all(client: "SFNClient", machine: str, *, until: datetime) -> int:
    """Stop what runs until nothing is left, and say how many there were; a machine that is gone runs nothing.

    Raises:
        StillRunningError: where something is left at ``until``.
        ClientError: for every refusal that will not pass, such as a missing permission.
    """
    stopped, empty = 0, 0
    while empty < LOOKS:
        try:
            before = stopped
            for execution in _running(client, machine):
                _in_time(machine, until)
                stopped += _stop(client, execution)
            empty = empty + 1 if stopped == before else 0
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and code_of(error) in MACHINE_GONE:
                break
            if fault_of(error) not in {Fault.WAIT, Fault.RETRY}:
                raise
            empty = 0
            logger.warning("once more after %s", error)
        if empty < LOOKS:
            _in_time(machine, until)
            clock.sleep(clock.spread(PAUSE_S))
    return stopped


def _running(client: "SFNClient", machine: str) -> Iterator[str]:
    """The standard executions that run; a distributed Map's own end with the one that started them."""
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine, statusFilter="RUNNING")
    return (one["executionArn"] for page in pages for one in page["executions"])


def _stop(client: "SFNClient", execution: str) -> int:
    try:
        client.stop_execution(executionArn=execution, cause=CAUSE)
    except ClientError as error:
        if code_of(error) not in EXECUTION_GONE:
            raise
        return 0
    return 1


def _in_time(machine: str, until: datetime) -> None:
    if clock.now() >= until:
        message = f"{machine} still has executions to stop: destroy the stack again, which goes on with the rest"
        raise StillRunningError(message)
