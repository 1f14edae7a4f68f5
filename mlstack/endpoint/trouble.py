"""What an error of InvokeEndpoint means: decided by what AWS says alone."""

from collections.abc import Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError

NO_CAPACITY = "no capacity"
NOT_IN_SERVICE = "not found"
"""What AWS says of an endpoint that is not there, and of one that is being created or has failed."""
INVALID = {"ValidationError", "ValidationException"}
BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
PASSING = {"InternalDependencyException", "InternalFailure", "ServiceUnavailable", "ThrottlingException", "Throttling"}
TOO_LARGE = {"413", "RequestEntityTooLargeException", "RequestTooLarge"}


class Trouble(Enum):
    """What became of a request."""

    ASLEEP = auto()
    """It wakes from zero, which takes minutes."""
    BUSY = auto()
    """It passes by itself, within seconds as a rule."""
    MODEL = auto()
    """The model's container answered with an error: about this photo alone."""
    TOO_LARGE = auto()
    """AWS itself did not take so large a photo."""
    ABSENT = auto()
    """No such endpoint, or one that does not serve."""
    OTHER = auto()
    """Anything else: it would be the same for every photo."""


def of(error: ClientError) -> Trouble:
    """What an error means."""
    answer: Mapping[str, Any] = error.response
    code, message = answer.get("Error", {}).get("Code", ""), answer.get("Error", {}).get("Message", "").casefold()
    if code == "ModelNotReadyException" or (code in INVALID and NO_CAPACITY in message):
        return Trouble.ASLEEP
    if code == "ModelError":
        return Trouble.BUSY if container_status(error) in BUSY else Trouble.MODEL
    if code in PASSING:
        return Trouble.BUSY
    if code in TOO_LARGE:
        return Trouble.TOO_LARGE
    return Trouble.ABSENT if code in INVALID and NOT_IN_SERVICE in message else Trouble.OTHER


def container_status(error: ClientError) -> int | None:
    """The status with which the model's own container answered, where it did."""
    status = error.response.get("OriginalStatusCode")
    return status if isinstance(status, int) else None


def message(error: ClientError) -> str:
    """What the container said, or AWS."""
    said = error.response.get("OriginalMessage") or error.response.get("Error", {}).get("Message", "")
    return str(said)
