"""Answers CloudFormation: what needs an image is made only once the image is there."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from image_build.building import ensure
from image_build.order import Order, name_of
from shared import clients
from shared.custom_resource import Context, fulfil

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Have the image built unless it is there; a deletion leaves the images to their repository."""
    properties = event.get("ResourceProperties") or {}

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            return {}
        order = Order.read(properties)
        ensure(clients.codebuild(), clients.ecr(), order, until=until)
        return {"ImageUri": order.uri}

    fulfil(event, context, called=name_of(properties), act=act)
