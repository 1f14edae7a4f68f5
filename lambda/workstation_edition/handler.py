"""Answers CloudFormation: a deploy that would hurt a workstation's machine fails before it touches anything."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared import clients
from shared.custom_resource import Context, UnfulfilledError, fulfil
from workstation_edition.objection import Objection, Properties, objection, unfit
from workstation_edition.rollback import rolls_back

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Refuse what must not be made or changed; everything of the workstation waits for that answer."""
    properties: Properties = event.get("ResourceProperties") or {}
    wrong = unfit(properties)

    def act(_: datetime) -> dict[str, str]:
        if event["RequestType"] == "Create" and wrong:
            message = f"the resource has no {', no '.join(wrong)}"
            raise UnfulfilledError(message)
        if event["RequestType"] == "Update":
            found = objection(event.get("OldResourceProperties") or {}, properties)
            if found:
                _object(found, str(event["StackId"]))
        return {}

    named = not {"Stage", "Workstation"} & set(wrong)
    called = f"{properties['Stage']}/{properties['Workstation']}" if named else None
    fulfil(event, context, called=called, act=act)


def _object(found: Objection, stack: str) -> None:
    """Refuse, unless the stack rolls back: what is sent then is what was there, and a refusal would leave it stuck.

    Where CloudFormation cannot be asked, what ends no machine passes: what the machine is launched from does not change
    with it. What ends one is refused still, for a stack that is stuck goes on at a word, and a disk never comes back.

    Raises:
        UnfulfilledError: with the way on.
    """
    back = rolls_back(clients.cloudformation(), stack)
    if back or (back is None and not found.ends_the_machine):
        logger.warning("let pass: %s", found.text)
        return
    hint = (
        "; CloudFormation did not say (cloudformation:DescribeStacks) whether the stack rolls back: if so, go on with "
        "aws cloudformation continue-update-rollback"
    )
    raise UnfulfilledError(found.text + (hint if back is None else ""))
