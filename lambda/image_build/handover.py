"""The function calls itself, so that somebody goes on waiting after the invocation's end."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import fault_of, reason_of
from shared.patience import PASSING

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

logger = logging.getLogger(__name__)

PAUSE_S = 5.0
LONGEST_SAID = 200


class NotHandedOverError(UnfulfilledError):
    """Nobody goes on waiting."""


def hand_over(client: "LambdaClient", function: str, event: Mapping[str, Any], *, until: datetime) -> None:
    """Have the function called with the event, later and by itself.

    A call whose answer is lost may be made twice: two then wait for the same build, and CloudFormation takes the first
    answer.

    Raises:
        NotHandedOverError: where AWS refuses it, or is out of order until ``until``.
    """
    payload = json.dumps(event).encode()
    while True:
        try:
            client.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        except (BotoCoreError, ClientError) as error:
            if fault_of(error) not in PASSING or clock.now() >= until:
                raise NotHandedOverError(_reason(error)) from error
            logger.warning("once more after %s", reason_of(error))
        else:
            return
        clock.sleep(clock.spread(PAUSE_S))


def _reason(error: BotoCoreError | ClientError) -> str:
    said = " ".join(reason_of(error).split())[:LONGEST_SAID]
    return f"the image is not built yet, and the function cannot go on waiting ({said}): deploy again, which can"
