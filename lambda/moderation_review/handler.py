"""Does one step of a review; the state machine says which."""

import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from moderation_review import reviews
from moderation_review.acting import Acting, Answer
from moderation_review.conditions import as_headers
from moderation_review.flagged import Flagged
from moderation_review.objects import Objects
from moderation_review.reviews import Reviews
from moderation_review.settings import settings
from shared import clients, clock
from shared.come_again import ComeAgainError
from shared.fault import Fault, code_of, fault_of, reason_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

SOON_S = 5.0
# The object changed under the step, or S3 was busy with it: the step looks again.
LOOK_AGAIN = frozenset({"404", "409", "412", "ConditionalRequestConflict", "OperationAborted"})


@cache
def s3() -> "S3Client":
    """S3 for copies, which answer late."""
    config = Config(connect_timeout=3, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 3})
    return as_headers(boto3.client("s3", config=config))


def handle(event: Mapping[str, Any], _context: object) -> Answer:
    """Do the step ``event["action"]`` about ``event["flagged"]``; raise ComeAgainError where it must be done again."""
    flagged = Flagged.of(event["flagged"])
    logger.info("%s %s", event["action"], flagged.thing.uri)
    try:
        return _done(event, _acting(flagged, str(event["execution"])))
    except (BotoCoreError, ClientError) as error:
        if _passes(error):
            raise ComeAgainError(reason_of(error), seconds=SOON_S) from error
        raise


def _done(event: Mapping[str, Any], acting: Acting) -> Answer:
    match event["action"]:
        case "act":
            return acting.act()
        case "ask":
            return acting.ask(str(event["token"]))
        case "release":
            return acting.release(event["decision"])
        case "reject":
            return acting.refuse(reviews.REJECTED, event["decision"])
        case "expire":
            return acting.refuse(reviews.EXPIRED)
        case "fail":
            return acting.fail(_told(event["error"]))
        case other:
            message = f"no step of a review is called {other!r}"
            raise ValueError(message)


def _acting(flagged: Flagged, execution: str) -> Acting:
    table = clients.table(settings().table_name)
    return Acting(
        flagged=flagged,
        reviews=Reviews(table=table, flagged=flagged, execution=execution, keep=settings().keep, now=clock.now()),
        objects=Objects(s3()),
        quarantine=settings().quarantine,
        review=settings().review,
    )


def _passes(error: BotoCoreError | ClientError) -> bool:
    if isinstance(error, ClientError) and code_of(error) in LOOK_AGAIN:
        return True
    return fault_of(error) in {Fault.WAIT, Fault.RETRY, Fault.GONE}


def _told(error: Mapping[str, Any]) -> str:
    """What Step Functions tells of an error, in one line: Lambda's cause is JSON, others are words."""
    name, cause = str(error.get("Error", "an error")), str(error.get("Cause", ""))
    try:
        said = json.loads(cause)
    except ValueError:
        said = None
    message = said.get("errorMessage", "") if isinstance(said, dict) else cause
    return " ".join(f"{name}: {message}".split()).rstrip(": ")
