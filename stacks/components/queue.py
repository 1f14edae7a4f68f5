"""A queue beside a queue of dead letters: its consumer parks there what it cannot do, or SQS what comes too often."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

DELIVERIES = 1000
"""A message may wait for its turn many times; failures are counted by the consumer, which records their reason."""
LONGEST = cdk.Duration.days(14)


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueWithDeadLettersProps:
    """How long a consumer works on one batch at most, and how often a message is tried."""

    consumer_timeout: cdk.Duration
    deliveries: int = DELIVERIES


class QueueWithDeadLetters(Construct):
    """Encrypted and TLS only; a message or a dead letter stays fourteen days."""

    def __init__(self, scope: Construct, construct_id: str, props: QueueWithDeadLettersProps) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=LONGEST,
        )
        self.queue = sqs.Queue(
            self,
            "Resource",
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=props.deliveries, queue=self.dead_letters),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=LONGEST,
            # AWS asks for six times the function's timeout, so that a throttled batch is not delivered twice at once.
            visibility_timeout=cdk.Duration.seconds(6 * props.consumer_timeout.to_seconds()),
        )
