"""Answers CloudFormation: before a state machine is deleted, what it runs is stopped."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from shared import clients, clock
from stop_executions.answer import answer, send
from stop_executions.stopping import stop_all

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

FOR_THE_ANSWER = timedelta(seconds=30)


class Context(Protocol):
    """What Lambda tells of the invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may go on."""


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Do what CloudFormation asks, and answer it whatever comes of it: it would wait for long."""
    left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    send(str(event["ResponseURL"]), answer(event, _failure(event, left - FOR_THE_ANSWER)))


def _failure(event: Mapping[str, Any], left: timedelta) -> str | None:
    """Stop everything where the resource is deleted; why that failed, if it did."""
    if event["RequestType"] != "Delete":
        return None
    try:
        machine = str(event["ResourceProperties"]["StateMachineArn"])
        logger.info("%s: %d stopped", machine, stop_all(clients.stepfunctions(), machine, until=clock.now() + left))
    except Exception as error:  # whatever it is, CloudFormation must hear of it
        logger.exception("not everything was stopped")
        return f"{type(error).__name__}: {error}"
    return None
