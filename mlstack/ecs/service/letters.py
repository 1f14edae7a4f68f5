"""The messages of a queue, as SQS counts them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True, kw_only=True, slots=True)
class Letters:
    """The messages of a queue, about."""

    waiting: int
    in_hand: int

    @classmethod
    def of(cls, sqs: "SQSClient", url: str) -> Self:
        """Ask SQS; raise ClientError where there is no such queue."""
        told = sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesDelayed",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return cls(
            waiting=int(told["ApproximateNumberOfMessages"]) + int(told.get("ApproximateNumberOfMessagesDelayed", 0)),
            in_hand=int(told["ApproximateNumberOfMessagesNotVisible"]),
        )

    @property
    def all(self) -> int:
        """All together."""
        return self.waiting + self.in_hand
