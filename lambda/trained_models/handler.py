"""Answers CloudFormation: with the stack goes what its training workflows made."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from shared import clients
from shared.custom_resource import Context, UnfulfilledError, fulfil
from trained_models.belonging import Belonging
from trained_models.clearing import SURE, clear
from trained_models.hosting import Hosting
from trained_models.jobs import stop_all
from trained_models.logs import Logs
from trained_models.packages import delete_all

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Clean up where the resource, which is called after its stage, is deleted; empty the groups that leave it."""
    properties = event.get("ResourceProperties") or {}
    stage, groups = properties.get("Stage"), properties.get("Groups") or []
    empty = str(properties.get("EmptyGroups", "false")).lower() == "true"

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            belonging = _belonging(stage, groups)
            clean(belonging, groups if empty else [], until=until)
            logger.info("nothing of %s is left", belonging.prefix)
        elif event["RequestType"] == "Update" and empty:
            before = (event.get("OldResourceProperties") or {}).get("Groups") or []
            leaving = [name for name in before if name not in groups]
            _belonging(stage, leaving)
            _empty(leaving, until)
        return {}

    fulfil(event, context, called=f"mlstack-{stage}-trained-models" if stage else None, act=act)


def clean(belonging: Belonging, groups: Sequence[str], *, until: datetime) -> None:
    """Stop the jobs, and delete what they led to, in the order in which nothing is in use any more."""
    client = clients.sagemaker()
    hosting = Hosting(client=client, belonging=belonging, until=until)
    clear(partial(stop_all, client, belonging), "jobs", until=until, enough=SURE)
    clear(hosting.endpoints, "endpoints", until=until, enough=SURE)
    clear(hosting.configs, "endpoint configurations", until=until)
    clear(hosting.models, "models", until=until)
    _empty(groups, until)
    logs = Logs(client=clients.logs(), belonging=belonging, until=until, endpoints=hosting.serving)
    clear(logs.groups, "log groups", until=until)
    clear(logs.streams, "log streams", until=until)


def _empty(groups: Sequence[str], until: datetime) -> None:
    """Delete every version in groups that CloudFormation is about to delete."""
    if groups:
        clear(partial(delete_all, clients.sagemaker(), groups, until=until), "versions of models", until=until)


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
