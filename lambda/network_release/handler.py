"""Answers CloudFormation: a security group is deleted only when AWS has given its network interfaces back."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from network_release.waiting import wait
from shared import clients
from shared.custom_resource import Context, UnfulfilledError, fulfil

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Wait where the resource, which is called like its security group, is deleted."""
    group = (event.get("ResourceProperties") or {}).get("SecurityGroupId")

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            if not group or not isinstance(group, str):
                message = "the resource has no SecurityGroupId"
                raise UnfulfilledError(message)
            wait(clients.ec2(), group, until=until)
            logger.info("%s has no network interface left", group)
        return {}

    fulfil(event, context, called=group, act=act)
