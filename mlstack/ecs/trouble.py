"""What AWS's refusals mean here, in one line with the next step."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
DENIED = frozenset({"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
ABSENT = NO_QUEUE | {
    "ClusterNotFoundException",
    "NoSuchBucket",
    "ResourceNotFoundException",
    "ServiceNotActiveException",
    "ServiceNotFoundException",
    "StateMachineDoesNotExist",
}
GONE = {
    "ClusterNotFoundException": "the cluster",
    "NoSuchBucket": "a bucket",
    "ServiceNotActiveException": "the service",
    "ServiceNotFoundException": "the service",
    "StateMachineDoesNotExist": "the state machine",
    **dict.fromkeys(NO_QUEUE, "a queue"),
}
"""What people call what AWS does not find."""


def code(error: ClientError) -> str:
    """AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def next_step(error: ClientError, target: Target) -> str:
    """What happened and what to do; empty for an error that means nothing special here."""
    found, operation = code(error), error.operation_name
    said = printable(" ".join(str(error.response.get("Error", {}).get("Message", "")).split()))
    if found in THROTTLED:
        return f"AWS is asked too often ({found} at {operation}); run the same command again in a minute"
    if found in DENIED:
        return f"AWS allows you no {operation} ({said or found}); ask for that permission, or use another AWS profile"
    if found in EXPIRED:
        return f"AWS takes your credentials no longer ({found}); run `aws sso login`, or set AWS_PROFILE"
    if found in ABSENT:
        what = GONE.get(found, "something")
        return f"{what} of {target.shown} is gone, though the stage names it ({said or found}); deploy the stage again"
    return ""


def explained(command: Callable[..., None]) -> Callable[..., None]:
    """Have a command say the next step where AWS refuses; what is not known here stays as it is."""

    @wraps(command)
    def explaining(*, target: Target, **others: Any) -> None:  # noqa: ANN401 - the command's own options
        try:
            command(target=target, **others)
        except ClientError as error:
            if step := next_step(error, target):
                raise UserError(step) from error
            raise

    return explaining
