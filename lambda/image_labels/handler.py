"""Takes uploads from the queue and labels each once; answers which messages must come again."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from image_labels import clients
from image_labels.fault import Fault, fault_of, reason_of
from image_labels.labelling import RefusedError, label
from image_labels.ledger import Claim
from image_labels.photo import Photo
from image_labels.settings import settings

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

TIME_FOR_ONE_IMAGE = timedelta(seconds=15)
LONGEST_ATTRIBUTE = 250


class Context(Protocol):
    """What the function needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation."""


class ComeAgainError(Exception):
    """The message must be delivered once more, later."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Label the photo of every message; name the messages that must be delivered again, and only those."""
    again = []
    for record in event["Records"]:
        try:
            process(record["body"], time_left=timedelta(milliseconds=context.get_remaining_time_in_millis()))
        except ComeAgainError as reason:
            logger.warning("comes again: %s", reason, extra={"message_id": record["messageId"]})
            again.append({"itemIdentifier": record["messageId"]})
        except Exception:  # one message must not send its neighbours back
            logger.exception("comes again after an unexpected error", extra={"message_id": record["messageId"]})
            again.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": again}


def clock() -> datetime:
    """The time now."""
    return datetime.now(UTC)


def process(body: str, *, time_left: timedelta) -> None:
    """Label the photo that a message announces, and record what came of it; raise ComeAgainError to try later."""
    if time_left < TIME_FOR_ONE_IMAGE:
        message = "too little time is left in this invocation"
        raise ComeAgainError(message)
    try:
        photo = Photo.from_message(body)
    except ValueError as error:
        park(body, str(error))
        return
    now = clock()
    claim = clients.ledger().claim(photo, now=now, until=now + time_left)
    if claim is Claim.BUSY:
        message = f"another delivery works on {photo.uri}"
        raise ComeAgainError(message)
    if claim is Claim.TAKEN:
        work(photo, body)


def work(photo: Photo, body: str) -> None:
    """Label a claimed photo and record the outcome."""
    ledger = clients.ledger()
    try:
        done = label(photo, s3=clients.s3(), rekognition=clients.rekognition(), settings=settings())
    except RefusedError as refusal:
        ledger.refused(photo, now=clock(), reason=str(refusal))
    except (BotoCoreError, ClientError) as error:
        match fault_of(error):
            case Fault.RETRY:
                raise ComeAgainError(reason_of(error)) from error
            case Fault.REFUSE:
                ledger.refused(photo, now=clock(), reason=reason_of(error))
            case Fault.GONE:
                ledger.failed(photo, now=clock(), reason=reason_of(error))
            case Fault.PARK:
                ledger.failed(photo, now=clock(), reason=reason_of(error))
                park(body, reason_of(error))
    else:
        found = {"format": done.header.format, "width": done.header.width, "height": done.header.height}
        ledger.labelled(photo, now=clock(), labels=done.labels, found=found | {"document": done.document})


def park(body: str, reason: str) -> None:
    """Move a message to the dead letters at once, with the reason beside it."""
    # A service's message may quote a key, and SQS takes no control characters.
    printable = "".join(letter if letter.isprintable() else " " for letter in reason)
    clients.sqs().send_message(
        QueueUrl=settings().dead_letter_queue_url,
        MessageBody=body,
        MessageAttributes={"Reason": {"DataType": "String", "StringValue": printable[:LONGEST_ATTRIBUTE]}},
    )
