"""What to do about an error of an AWS call."""

from enum import Enum, auto

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004
    HTTPClientError,
    IncompleteReadError,
)

# https://docs.aws.amazon.com/rekognition/latest/dg/error-handling.html and the same of S3, SQS and DynamoDB
THROTTLING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
    }
)
SERVER_ERROR = 500
CUT_OFF = (ConnectionError, HTTPClientError, IncompleteReadError)
UNFIT = {
    "ImageTooLargeException": "the image is too large for Rekognition",
    "InvalidImageFormatException": "the image is damaged, or in a format that Rekognition cannot read",
}
GONE = {
    "NoSuchKey": "the object was deleted before it was read",
    "NoSuchVersion": "the object was deleted before it was read",
    "PreconditionFailed": "the object was overwritten before it was read",
}


class Fault(Enum):
    """The ways on from a failed call."""

    RETRY = auto()
    """It will pass: leave the message in the queue."""
    REFUSE = auto()
    """This object version cannot be labelled, now or later: record why and never try again."""
    GONE = auto()
    """The object went before it was read: record why, but take the same content when it is uploaded again."""
    PARK = auto()
    """Someone must mend a permission or a setting first: record why and move the message to the dead letters."""


def fault_of(error: ClientError | BotoCoreError) -> Fault:
    """Decide by the error's code and status alone."""
    if not isinstance(error, ClientError):
        return Fault.RETRY if isinstance(error, CUT_OFF) else Fault.PARK
    if _code(error) in UNFIT:
        return Fault.REFUSE
    if _code(error) in GONE:
        return Fault.GONE
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Fault.RETRY if _code(error) in THROTTLING or status >= SERVER_ERROR else Fault.PARK


def reason_of(error: ClientError | BotoCoreError) -> str:
    """The error in words that a person can act on."""
    if not isinstance(error, ClientError):
        return str(error)
    explained = (UNFIT | GONE).get(_code(error))
    return explained or f"{error.operation_name}: {_code(error)}: {error.response.get('Error', {}).get('Message', '')}"


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "Unknown")
