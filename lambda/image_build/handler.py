"""Answers CloudFormation: what needs an image is made only once the image is there."""

import logging
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from image_build.building import ensure
from image_build.handover import hand_over
from image_build.order import Order, name_of
from image_build.patience import OutOfTimeError
from image_build.relay import Relay
from shared import clients, clock
from shared.custom_resource import AnsweredLaterError, Context, fulfil

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> None:
    """Have the image built unless it is there; a deletion leaves the images to their repository.

    A build may take longer than an invocation: the function then calls itself with the same request, and whoever sees
    the end answers it.
    """
    properties = event.get("ResourceProperties") or {}

    def act(until: datetime) -> dict[str, str]:
        if event["RequestType"] == "Delete":
            return {}
        order = Order.read(properties)
        relay = Relay.read(event, clock.now())
        leg = relay.leg(until)
        try:
            ensure(clients.codebuild(), clients.ecr(), order, relay.progress, until=leg.until)
        except OutOfTimeError as error:
            if leg.is_last:
                raise
            function = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
            hand_over(clients.functions(), function, relay.handed_over(event), until=until)
            message = f"{order.tag} is not built yet: the next invocation waits for it"
            raise AnsweredLaterError(message) from error
        return {"ImageUri": order.uri}

    fulfil(event, context, called=name_of(properties), act=act)
