"""Keeps the metrics of the services' queues awake.

SQS stops publishing a queue's metrics after six hours in which nobody touches it, and takes up to 15 minutes to begin
again: for so long the first request after a quiet night would wait until the alarm that wakes its service sees it.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.cluster import short
from shared.fault import reason_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def touch(client: "SQSClient", urls: Sequence[str]) -> Iterator[str]:
    """Touch every queue, and say which could not be; what is asked for is of no interest."""
    for url in urls:
        try:
            client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        except (BotoCoreError, ClientError) as error:
            yield f"{short(url)}: {reason_of(error)}"
