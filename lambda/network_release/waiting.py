"""Waits until a security group has no network interface left."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from network_release.looks import Interface, Looks
from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import Fault, code_of, fault_of

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

logger = logging.getLogger(__name__)

PAUSE_S = 5.0
GROUP_GONE = "InvalidGroup.NotFound"


class StillHeldError(UnfulfilledError):
    """AWS did not give back all interfaces in time."""


def wait(client: "EC2Client", group: str, *, until: datetime) -> None:
    """Return once no interface is left; a group that is gone has none.

    Raises:
        StillHeldError: where one is left at ``until``.
        ClientError: for every refusal that will not pass, such as a missing permission.
    """
    looks = Looks()
    while not looks.are_enough:
        try:
            looks = looks.then(_left(client, group))
            logger.info("%s: %d left", group, len(looks.left))
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and code_of(error) == GROUP_GONE:
                return
            if fault_of(error) not in {Fault.WAIT, Fault.RETRY}:
                raise
            logger.warning("once more after %s", error)
        if not looks.are_enough:
            if clock.now() >= until:
                raise StillHeldError(looks.reason(group))
            clock.sleep(clock.spread(PAUSE_S))


def _left(client: "EC2Client", group: str) -> tuple[Interface, ...]:
    pages = client.get_paginator("describe_network_interfaces").paginate(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )
    return tuple(Interface.read(told) for page in pages for told in page["NetworkInterfaces"])
