"""Messages that someone must look at, with the reason beside each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A dead letter queue."""

    sqs: "SQSClient"
    queue_url: str

    def park(self, body: str, reason: str, attributes: Mapping[str, str] | None = None) -> None:
        """Put a message there at once, with what else the way back needs to know."""
        # A service's message may quote a key, and SQS takes no control characters.
        printable = "".join(letter if letter.isprintable() else " " for letter in reason)[:LONGEST_REASON]
        said = {**(attributes or {}), "Reason": printable or "no reason given"}
        self.sqs.send_message(
            QueueUrl=self.queue_url,
            MessageBody=body,
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in said.items()},
        )
