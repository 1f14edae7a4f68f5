"""Answers CloudFormation: with the stack come its groups of versions, and goes what its training workflows made."""

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from shared import clients
from shared.clearing import SURE, clear
from shared.custom_resource import Context, UnfulfilledError, fulfil
from trained_models.belonging import Belonging
from trained_models.groups import Groups
from trained_models.hosting import Hosting
from trained_models.jobs import stop_all
from trained_models.logs import Logs
from trained_models.tagging import asked

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Let the groups of versions be there; clean up where the resource, which is called after its stage, is deleted."""
    properties = event.get("ResourceProperties") or {}
    stage, names = properties.get("Stage"), properties.get("Groups") or []
    empty = str(properties.get("EmptyGroups", "false")).lower() == "true"

    def act(until: datetime) -> dict[str, str]:
        belonging = _belonging(stage, names)
        groups = Groups(client=clients.sagemaker(), belonging=belonging, names=names, until=until)
        if event["RequestType"] == "Delete":
            clean(belonging, groups if empty else None, until=until)
            logger.info("nothing of %s is left", belonging.prefix)
        else:
            groups.make(asked(properties.get("Tags")))
        return {}

    fulfil(event, context, called=f"mlstack-{stage}-trained-models" if stage else None, act=act)


def clean(belonging: Belonging, groups: Groups | None, *, until: datetime) -> None:
    """Stop the jobs, and delete what they led to, in the order in which nothing is in use any more."""
    client = clients.sagemaker()
    hosting = Hosting(client=client, belonging=belonging, until=until)
    clear(partial(stop_all, client, belonging), "jobs", until=until, enough=SURE)
    clear(hosting.endpoints, "endpoints", until=until, enough=SURE)
    clear(hosting.configs, "endpoint configurations", until=until)
    clear(hosting.models, "models", until=until)
    if groups:
        clear(groups.delete, "groups of versions", until=until)
    logs = Logs(client=clients.logs(), belonging=belonging, until=until, endpoints=hosting.serving)
    clear(logs.groups, "log groups", until=until)
    clear(logs.streams, "log streams", until=until)


def _belonging(stage: object, groups: object) -> Belonging:
    """Whose things go; a resource that does not say it clearly deletes nothing."""
    if not stage or not isinstance(stage, str):
        message = "the resource has no Stage"
        raise UnfulfilledError(message)
    belonging = Belonging(stage)
    if not isinstance(groups, list) or not all(isinstance(one, str) and belonging.is_named(one) for one in groups):
        message = f"Groups must be names that begin with {belonging.prefix}"
        raise UnfulfilledError(message)
    return belonging
