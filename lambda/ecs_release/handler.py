"""Answers CloudFormation: a cluster and its groups are deleted only when nothing runs in them that would hold them."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecs_release.holding import Holding, missing
from ecs_release.release import Release
from shared import clients, clock
from shared.clearing import SURE, StillThereError, clear
from shared.custom_resource import Context, UnfulfilledError, fulfil

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Empty the cluster, after which the resource is called, where it is deleted."""
    properties = event.get("ResourceProperties") or {}
    asked = Holding.read(properties)

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            release(Holding.deleted(event.get("PhysicalResourceId"), properties), until=until)
        elif asked is None:
            message = f"the resource has no {', no '.join(missing(properties))}"
            raise UnfulfilledError(message)
        return {}

    fulfil(event, context, called=asked.name if asked else None, act=act)


def release(holding: Holding | None, *, until: datetime) -> None:
    """Return once the cluster has no task and no instance, and its groups are gone with all that they have launched.

    Raises:
        UnfulfilledError: where something is left, or could not be looked at.
    """
    if holding is None:
        logger.info("there is no cluster to empty")
        return
    emptying = Release(clients.ecs(), clients.autoscaling(), clients.ec2(), holding, clock.now())
    try:
        clear(emptying.look, "tasks or instances", until=until, enough=SURE)
    except StillThereError as error:
        raise emptying.refused or error from error
    if emptying.refused:
        raise emptying.refused
    logger.info("%s is empty", holding.cluster)
