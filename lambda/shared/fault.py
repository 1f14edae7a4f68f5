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
THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
PASSING = frozenset({"InternalServerError", "RequestTimeout", "TransactionInProgressException"})
SERVER_ERROR = 500
CUT_OFF = (ConnectionError, HTTPClientError, IncompleteReadError)
UNFIT = {
    "ImageTooLargeException": "the image is too large for Rekognition",
    "InvalidImageFormatException": "the image is damaged, or in a format that Rekognition cannot read",
    "VideoTooLargeException": "the video is too large for Rekognition: it takes 10 GB and 6 hours at most",
}
GONE = {
    "NoSuchKey": "the object was deleted before it was read",
    "NoSuchVersion": "the object was deleted before it was read",
    "PreconditionFailed": "the object was overwritten before it was read",
}


class Fault(Enum):
    """The ways on from a failed call."""

    WAIT = auto()
    """Too many calls at once: come again later, and do not count it as a failure."""
    RETRY = auto()
    """It may pass: come again, a few times."""
    REFUSE = auto()
    """This object version cannot be analysed, now or later: record why and never try again."""
    GONE = auto()
    """The object went before it was read: record why, but take the same content when it is uploaded again."""
    PARK = auto()
    """Someone must mend a permission or a setting first: record why and move the message to the dead letters."""


def fault_of(error: ClientError | BotoCoreError) -> Fault:
    """Decide by the error's code and status alone."""
    if not isinstance(error, ClientError):
        return Fault.RETRY if isinstance(error, CUT_OFF) else Fault.PARK
    code = code_of(error)
    if code in UNFIT:
        return Fault.REFUSE
    if code in GONE:
        return Fault.GONE
    if code in THROTTLED:
        return Fault.WAIT
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Fault.RETRY if code in PASSING or status >= SERVER_ERROR else Fault.PARK


def reason_of(error: ClientError | BotoCoreError) -> str:
    """The error in words that a person can act on."""
    if not isinstance(error, ClientError):
        return str(error)
    explained = (UNFIT | GONE).get(code_of(error))
    return (
        explained or f"{error.operation_name}: {code_of(error)}: {error.response.get('Error', {}).get('Message', '')}"
    )


def code_of(error: ClientError) -> str:
    """AWS's name of the error."""
    return error.response.get("Error", {}).get("Code", "Unknown")
