"""Gives a model to an endpoint for the state machine, which waits for the endpoint itself."""

import logging
import os
from collections.abc import Mapping
from typing import Any

from endpoint_change.changing import Change
from shared import clients
from shared.patience import patiently
from shared.training_run import LONGEST_NAME, config_name

logging.getLogger(__package__).setLevel(logging.INFO)


class EndpointNameError(Exception):
    """The endpoint's name leaves no room, or is another stage's."""


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Create the endpoint of the plan, or update it; a second delivery finds what the first began."""
    plan, stage = event["plan"], os.environ["STAGE"]
    endpoint, config = plan["deploy"]["endpoint"], config_name(plan["deploy"]["endpoint"], plan["job"])
    if not endpoint.startswith(f"mlstack-{stage}-"):
        message = f"endpoint {endpoint} is none of stage {stage}: its name begins with mlstack-{stage}-"
        raise EndpointNameError(message)
    if len(config) > LONGEST_NAME:
        message = f"endpoint {endpoint} has too long a name: its configurations' names get {len(config)} letters of"
        raise EndpointNameError(f"{message} {LONGEST_NAME}: take {len(config) - LONGEST_NAME} away")  # noqa: EM102, TRY003 (in two lines)
    change = Change(
        client=clients.sagemaker(),
        stage=stage,
        endpoint=endpoint,
        config=config,
        model=event["model_name"],
        deploy=plan["deploy"],
        tags=plan["tags"],
    )
    return {"endpoint": endpoint, "config": config, "action": patiently(change.make).value}
