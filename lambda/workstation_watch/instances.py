"""The instances of a stage's workstations, as EC2 shows, stops and terminates them."""

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import code_of, reason_of
from workstation_watch.judging import Market, Outcome, Workstation

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

logger = logging.getLogger(__name__)

PROJECT, NAME = "mlstack", "workstation"
RUNNING = ("pending", "running")
"""What is paid for, or soon will be; stopping (and hibernating, which EC2 calls so too) ends by itself."""
ENDED = frozenset({"IncorrectInstanceState", "InvalidInstanceID.NotFound"})
"""What EC2 answers where the instance has ended, or begun to, since it was looked at; or is too young to be stopped."""

MARKETS = {"one-time": Market.ONE_TIME, "persistent": Market.STOPPABLE}
"""By the type of a Spot request."""


def running(client: "EC2Client", stage: str) -> list[Workstation]:
    """All of a stage by their tags, whoever launched them."""
    pages = client.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": "tag:project", "Values": [PROJECT]},
            {"Name": "tag:stage", "Values": [stage]},
            {"Name": "tag-key", "Values": [NAME]},
            {"Name": "instance-state-name", "Values": [*RUNNING]},
        ]
    )
    return [_read(told) for page in pages for group in page["Reservations"] for told in group["Instances"]]


def end(client: "EC2Client", workstation: Workstation) -> Outcome:
    """Stop it, or terminate what EC2 does not stop, and say which; leave, where it has ended meanwhile.

    Raises:
        ClientError: where EC2 refuses. A Spot Instance that is not known to be of a one-time request is never
            terminated: its request would launch another.
    """
    market = _market(client, workstation)
    try:
        if market is not Market.ONE_TIME and _stops(client, workstation, market):
            return Outcome.STOP
        client.terminate_instances(InstanceIds=[workstation.id])
    except ClientError as error:
        if code_of(error) not in ENDED:
            raise
        logger.warning("%s needs no end: %s", workstation.id, reason_of(error))
        return Outcome.LEAVE
    return Outcome.TERMINATE


def _stops(client: "EC2Client", workstation: Workstation, market: Market) -> bool:
    """Stop it; no, where EC2 says that its Spot request is a one-time one."""
    try:
        client.stop_instances(InstanceIds=[workstation.id])
    except ClientError as error:
        if market is not Market.UNKNOWN or not _says_one_time(error):
            raise
        logger.warning("%s cannot be stopped: %s", workstation.id, reason_of(error))
        return False
    return True


def _says_one_time(error: ClientError) -> bool:
    """Whether it is "You can't stop the Spot Instance ... associated with a one-time Spot Instance request"."""
    message = error.response.get("Error", {}).get("Message", "")
    return code_of(error) == "UnsupportedOperation" and "one-time" in message


def _market(client: "EC2Client", workstation: Workstation) -> Market:
    if not workstation.spot:
        return Market.STOPPABLE
    if workstation.request is None:
        return Market.UNKNOWN
    try:
        told = client.describe_spot_instance_requests(SpotInstanceRequestIds=[workstation.request])
    except (BotoCoreError, ClientError) as error:
        logger.warning("the kind of %s is unknown: %s", workstation.request, reason_of(error))
        return Market.UNKNOWN
    types = [one.get("Type", "") for one in told["SpotInstanceRequests"]]
    return MARKETS.get(types[0], Market.UNKNOWN) if types else Market.UNKNOWN


def _read(told: "InstanceTypeDef") -> Workstation:
    tags = {tag["Key"]: tag["Value"] for tag in told["Tags"]}
    return Workstation(
        id=told["InstanceId"],
        name=tags[NAME],
        state=told["State"]["Name"],
        since=told["LaunchTime"],
        spot=told.get("InstanceLifecycle") == "spot",
        request=told.get("SpotInstanceRequestId") or None,
    )
