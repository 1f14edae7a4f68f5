"""Whether a stack is on its way back to what it was."""

import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import reason_of
from shared.patience import patiently

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

logger = logging.getLogger(__name__)


def rolls_back(client: "CloudFormationClient", stack: str) -> bool | None:
    """As CloudFormation says itself; None where it does not."""
    try:
        stacks = patiently(lambda: client.describe_stacks(StackName=stack))["Stacks"]
    except (BotoCoreError, ClientError) as error:
        logger.warning("nobody knows whether the stack rolls back: %s", reason_of(error))
        return None
    if not stacks:
        logger.warning("nobody knows whether the stack rolls back: CloudFormation knows no %s", stack)
        return None
    logger.info("the stack is in %s", stacks[0]["StackStatus"])
    return "ROLLBACK" in stacks[0]["StackStatus"]
