"""How requests reach a service: an object under its prefix becomes a message, which waits until a task takes it."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.queue import QueueWithDeadLetters, QueueWithDeadLettersProps

DELIVERIES = 3
"""How often a request is tried; what is the request's own fault is answered at the first time."""
LONGEST_IN_HAND = cdk.Duration.seconds(20)
"""For how long a message is a task's alone, six times over; the worker asks for more where a request takes longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestQueueProps:
    """Whose requests, and the bucket that they come by."""

    service: str
    bucket: s3.IBucket


class RequestQueue(Construct):
    """Encrypted and TLS only; what is given up waits fourteen days among the dead letters."""

    def __init__(self, scope: Construct, construct_id: str, props: RequestQueueProps) -> None:
        super().__init__(scope, construct_id)
        self.requests, self.answers, self.failures = (
            f"{props.service}/{part}/" for part in ("requests", "answers", "failures")
        )
        queues = QueueWithDeadLetters(
            self, "Queues", QueueWithDeadLettersProps(consumer_timeout=LONGEST_IN_HAND, deliveries=DELIVERIES)
        )
        self.queue, self.dead_letters = queues.queue, queues.dead_letters
        events.Rule(
            self,
            "Uploaded",
            description=f"New requests to {props.service} go to its queue",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [props.bucket.bucket_name]},
                    "object": {"key": [{"prefix": self.requests}]},
                },
            ),
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )
