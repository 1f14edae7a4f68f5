"""Records what came of video jobs; answers which messages must come again. Once an hour it asks after old jobs."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from shared import clients, clock
from shared.come_again import ComeAgainError
from shared.video_jobs import VideoJobs
from video_results import delivery
from video_results.message import Message, question
from video_results.settings import settings

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

LONGEST_VISIBILITY_S = 12 * 3600
UNEXPECTED_S = 60.0
OLD = timedelta(minutes=15)
BATCH = 10


class Context(Protocol):
    """What the function needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation."""


class SweepError(Exception):
    """The queue did not take every question; Lambda sweeps again."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Record what a queue hands over, or sweep."""
    return from_queue(event, context) if "Records" in event else sweep()


def from_queue(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Record the result of every message's job; name the messages that must be delivered again, and only those."""
    again = []
    for record in event["Records"]:
        try:
            take(record["body"], timedelta(milliseconds=context.get_remaining_time_in_millis()))
        except ComeAgainError as reason:
            logger.info("comes again: %s", reason, extra={"message_id": record["messageId"]})
            _hide(record, reason.seconds)
        except Exception:  # one message must not send its neighbours back
            logger.exception("comes again after an unexpected error", extra={"message_id": record["messageId"]})
            _hide(record, UNEXPECTED_S)
        else:
            continue
        again.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": again}


def take(body: str, time_left: timedelta) -> None:
    """Record the result of the job that a message leads to; what is no such message goes to the dead letters."""
    try:
        message = Message.read(body)
    except ValueError as error:
        delivery.dead_letters().park(body, str(error), {"Queue": "results"})
        return
    delivery.process(message, time_left=time_left)


def sweep() -> dict[str, int]:
    """Ask after every job that is in flight for long: its completion may be lost, or it may never end."""
    now = clock.now().timestamp()
    jobs = VideoJobs(clients.table(settings().pace_table_name)).all()
    old = [job for job in jobs if float(job.started_at) < now - OLD.total_seconds() and float(job.held_until) <= now]
    for start in range(0, len(old), BATCH):
        questions = [
            {"Id": str(number), "MessageBody": question(job)} for number, job in enumerate(old[start : start + BATCH])
        ]
        answer = clients.sqs().send_message_batch(QueueUrl=settings().queue_url, Entries=questions)  # type: ignore[arg-type]
        if answer.get("Failed"):
            raise SweepError(json.dumps(answer["Failed"]))
    return {"jobs": len(jobs), "old": len(old)}


def _hide(record: Mapping[str, Any], seconds: float) -> None:
    """Let a message come again after a while that fits its reason, not after the queue's own long one."""
    hidden = min(int(clock.spread(seconds)) + 1, LONGEST_VISIBILITY_S)
    try:
        clients.sqs().change_message_visibility(
            QueueUrl=settings().queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=hidden
        )
    except Exception:  # it comes again all the same, only later
        logger.warning("cannot change a message's visibility", exc_info=True)
