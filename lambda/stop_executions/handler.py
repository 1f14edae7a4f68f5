"""Answers CloudFormation: before a state machine is deleted, what it runs is stopped."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared import clients
from shared.custom_resource import Context, fulfil
from stop_executions.stopping import stop_all

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Stop everything where the resource, which is called like its state machine, is deleted."""
    machine = event.get("ResourceProperties", {}).get("StateMachineArn")

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            arn = str(event["ResourceProperties"]["StateMachineArn"])
            logger.info("%s: %d stopped", arn, stop_all(clients.stepfunctions(), arn, until=until))
        return {}

    fulfil(event, context, called=machine, act=act)
