"""Records what came of video jobs; answers which messages must come again. Once an hour it asks after old jobs."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared import clients, clock
from shared.batch import Context, deliver
from shared.batch import Message as QueueMessage
from shared.video_jobs import VideoJobs
from video_results import delivery
from video_results.message import Message, question
from video_results.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

for name in ("shared", "video_results"):
    logging.getLogger(name).setLevel(logging.INFO)

OLD = timedelta(minutes=15)
BATCH = 10


class SweepError(Exception):
    """The queue did not take every question; Lambda sweeps again."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Record what a queue hands over, or sweep."""
    if "Records" not in event:
        return sweep()

    def take_in_time(message: QueueMessage) -> None:
        take(message["body"], timedelta(milliseconds=context.get_remaining_time_in_millis()))

    return deliver(event["Records"], take_in_time, sqs=clients.sqs(), queue_url=settings().queue_url)


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
        questions: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": question(job)} for number, job in enumerate(old[start : start + BATCH])
        ]
        answer = clients.sqs().send_message_batch(QueueUrl=settings().queue_url, Entries=questions)
        if answer.get("Failed"):
            raise SweepError(json.dumps(answer["Failed"]))
    return {"jobs": len(jobs), "old": len(old)}
