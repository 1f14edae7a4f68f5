"""The function with its resources in an AWS inside this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from moderation_review import handler
from moderation_review.settings import settings
from shared import clients
from tests.functions.moderation_review.lab import HELD, MEDIA, TABLE, Lab

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_s3 import S3Client

ENVIRONMENT = {
    "QUARANTINE_BUCKET": HELD,
    "RESULTS_DAYS": "0",
    "REVIEW": "true",
    "REVIEW_DAYS": "14",
    "TABLE_NAME": TABLE,
}
CACHED = (clients.table, handler.s3, settings)
MakeLab = Callable[..., Lab]


@dataclass(frozen=True)
class Hands:
    """The test's own way into AWS, which no fault strikes."""

    dynamodb: "DynamoDBServiceResource"
    s3: "S3Client"


@pytest.fixture(scope="session")
def hands() -> Iterator[Hands]:
    """Make all clients once, which takes longer than a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        for cached in CACHED:
            cached.cache_clear()
        yield Hands(boto3.resource("dynamodb"), boto3.client("s3"))
        for cached in CACHED:
            cached.cache_clear()


@pytest.fixture
def make_lab(aws: None, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeLab]:  # noqa: ARG001 (asked for what it does)
    """Makes the function's surroundings: with versions or without, under other settings than the usual."""
    undo: list[Callable[[], None]] = []

    def made(*, versioned: bool = False, **environment: str) -> Lab:
        settings.cache_clear()
        for name, value in (ENVIRONMENT | environment).items():
            monkeypatch.setenv(name, value)
        lab = Lab(hands.s3, _table(hands.dynamodb), versioned=versioned)
        for bucket in (MEDIA, HELD):
            hands.s3.create_bucket(Bucket=bucket)
        if versioned:
            hands.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
        undo.append(_watch(lab))
        return lab

    yield made
    for one in undo:
        one()
    settings.cache_clear()


def _table(dynamodb: "DynamoDBServiceResource") -> Any:  # noqa: ANN401 (boto3 makes the class)
    names = {"object": "S", "entry": "S", "finding": "S", "rank": "N"}
    return dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in names.items()],  # type: ignore[typeddict-item]
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "object", "KeyType": "HASH"}, {"AttributeName": "entry", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "findings",
                "KeySchema": [
                    {"AttributeName": "finding", "KeyType": "HASH"},
                    {"AttributeName": "rank", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _watch(lab: Lab) -> Callable[[], None]:
    """Let the lab see, and break, the function's calls."""
    hooks: dict[str, Any] = {
        "before-parameter-build": lab.on_parameters,
        "before-call": lab.on_call,
        "after-call": lab.on_answer,
    }
    watched = (handler.s3(), clients.table(TABLE).meta.client)
    for client in watched:
        for event, hook in hooks.items():
            client.meta.events.register_first(event, hook)

    def undo() -> None:
        for client in watched:
            for event, hook in hooks.items():
                client.meta.events.unregister(event, hook)

    return undo


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    """A bucket without versions, quarantine, and reviewers who are asked."""
    return make_lab()


@pytest.fixture(params=[False, True], ids=["unversioned", "versioned"])
def either(make_lab: MakeLab, request: pytest.FixtureRequest) -> Lab:
    """The same without and with versions."""
    return make_lab(versioned=request.param)
