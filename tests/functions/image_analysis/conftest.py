"""The function with its resources in an AWS inside this process."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from image_labels import clients
from image_labels.settings import settings
from tests.functions.image_labels.lab import DEAD_LETTERS, MEDIA, RESULTS, Lab

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

TABLE = "ledger"
ENVIRONMENT = {
    "DEAD_LETTER_QUEUE_URL": DEAD_LETTERS,
    "MAX_LABELS": "25",
    "MIN_CONFIDENCE": "70.5",
    "RESULTS_BUCKET": RESULTS,
    "RESULTS_PREFIX": "labels/",
    "TABLE_NAME": TABLE,
}
CACHED = (clients.s3, clients.rekognition, clients.sqs, clients.ledger, settings)


@dataclass(frozen=True)
class Hands:
    """The test's own way into AWS, which no fault strikes."""

    dynamodb: "DynamoDBServiceResource"
    s3: "S3Client"
    sqs: "SQSClient"


@pytest.fixture(scope="session")
def hands() -> Iterator[Hands]:
    """Make all clients once, which takes longer than a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for cached in CACHED:
            cached.cache_clear()
        yield Hands(boto3.resource("dynamodb"), boto3.client("s3"), boto3.client("sqs"))
        for cached in CACHED:
            cached.cache_clear()


@pytest.fixture
def table(aws: None, hands: Hands) -> Any:  # noqa: ANN401, ARG001 (boto3 makes the class; asked for what it does)
    """An empty ledger table, as the stack makes it."""
    return hands.dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("object", "version")],
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "object", "KeyType": "HASH"},
            {"AttributeName": "version", "KeyType": "RANGE"},
        ],
    )


@pytest.fixture
def lab(table: Any, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:  # noqa: ANN401 (as above)
    """The function, ready for deliveries."""
    for bucket in (MEDIA, RESULTS):
        hands.s3.create_bucket(Bucket=bucket)
    hands.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    hands.sqs.create_queue(QueueName=DEAD_LETTERS.rpartition("/")[2])
    lab = Lab(hands.s3, hands.sqs, table)
    monkeypatch.setattr("image_labels.handler.datetime", lab)
    hooks: dict[str, Any] = {
        "before-parameter-build": lab.on_parameters,
        "before-call": lab.on_call,
        "after-call": lab.on_answer,
    }
    watched = (clients.s3(), clients.rekognition(), clients.sqs(), clients.ledger().table.meta.client)
    for client in watched:
        for event, hook in hooks.items():
            client.meta.events.register_first(event, hook)
    yield lab
    for client in watched:
        for event, hook in hooks.items():
            client.meta.events.unregister(event, hook)


@pytest.fixture
def one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make moto's writes atomic, as DynamoDB's are, and let threads change places as often as they can."""
    lock = threading.RLock()
    make_api_call: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)

    def locked(*arguments: object) -> object:
        with lock:
            return make_api_call(*arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", locked)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)
