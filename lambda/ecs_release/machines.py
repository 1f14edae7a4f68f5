"""The EC2 instances of a cluster and their registrations with it, and which of these must be taken away by force."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from shared import cluster
from shared.refusal import to_each

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef
    from mypy_boto3_ecs import ECSClient

logger = logging.getLogger(__name__)

GROUP_TAG = "aws:autoscaling:groupName"
"""Auto Scaling puts it on all that it launches, and nobody else can."""
ENDED, ENDING = "terminated", frozenset({"shutting-down", "terminated"})
INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")


@dataclass(frozen=True, slots=True)
class Registration:
    """A container instance: an instance, as the cluster knows it."""

    arn: str
    instance: str


class Way(Enum):
    """What becomes of a registration."""

    AWAIT = "await"
    """Its instance ends soon: nothing may be forgotten that still costs."""
    FORGET = "forget"
    """Its instance has ended, and ECS may not notice, as it does not where the agent was disconnected before."""
    DISMISS = "dismiss"
    """Its instance is none of the groups', so that nobody ends it, and it would hold the cluster for ever."""


def way(registration: Registration, states: Mapping[str, str], own: Mapping[str, str], *, quiet: bool) -> Way:
    """Decide by the states of all instances that are registered, and of those that the groups have launched.

    An instance of somebody else's may be dismissed only when its tasks are ``quiet``: they would run on unseen.
    """
    name = registration.instance
    if INSTANCE.fullmatch(name) and states.get(name, ENDED) in ENDING:
        return Way.FORGET
    return Way.DISMISS if name not in own and quiet else Way.AWAIT


def registrations(client: "ECSClient", name: str) -> tuple[list[Registration], list[str]]:
    """All of a cluster, and what ECS does not show of them."""
    found: list[Registration] = []
    unseen: list[str] = []
    for batch in cluster.batches(cluster.instance_arns(client, name)):
        told, hidden = cluster.container_instances(client, name, batch)
        found += [Registration(one["containerInstanceArn"], one.get("ec2InstanceId", "")) for one in told]
        unseen += hidden
    return found, unseen


def states(client: "EC2Client", registered: Iterable[Registration]) -> dict[str, str]:
    """The states of registered instances by their ids, as far as EC2 still knows them."""
    ids = sorted({one.instance for one in registered if INSTANCE.fullmatch(one.instance)})
    found: dict[str, str] = {}
    for batch in cluster.batches(ids):
        found |= _found(client, [{"Name": "instance-id", "Values": [*batch]}])
    return found


def launched(client: "EC2Client", groups: Sequence[str]) -> dict[str, str]:
    """The states of what the groups have launched, even after these are gone."""
    return _found(client, [{"Name": f"tag:{GROUP_TAG}", "Values": [*groups]}]) if groups else {}


def deregister(client: "ECSClient", name: str, doomed: Sequence[tuple[Registration, Way]]) -> None:
    """Take registrations away by force."""
    for one, decided in doomed:
        if decided is Way.DISMISS:
            logger.warning("%s is of no group of the stage: it runs on, without the cluster", one.instance)
    to_each(
        [one.arn for one, _ in doomed],
        lambda arn: client.deregister_container_instance(cluster=name, containerInstance=arn, force=True),
        "deregister it",
        goes=cluster.is_gone,
    )


def _found(client: "EC2Client", filters: "list[FilterTypeDef]") -> dict[str, str]:
    pages = client.get_paginator("describe_instances").paginate(Filters=filters)
    told: Iterator[tuple[str, str]] = (
        (one["InstanceId"], one["State"]["Name"])
        for page in pages
        for group in page["Reservations"]
        for one in group["Instances"]
    )
    return dict(told)
