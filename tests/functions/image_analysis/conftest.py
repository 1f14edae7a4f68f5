"""The function with its resources: in memory, where many calls are struck, and in moto, where botocore's own count."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient

from image_analysis.settings import settings
from shared import clients
from tests.functions.image_analysis.lab import DEAD_LETTERS, MEDIA, RESULTS, UNVERSIONED, Lab, environment
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.memory import Memory, RefusalError
from tests.functions.shared.timeline import Timeline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def timeline(monkeypatch: pytest.MonkeyPatch) -> Timeline:
    """A clock that the function reads and sleeps by."""
    timeline = Timeline()
    monkeypatch.setattr("shared.clock.now", timeline.now)
    monkeypatch.setattr("shared.clock.sleep", timeline.sleep)
    monkeypatch.setattr("shared.clock.spread", float)
    return timeline


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the function its environment."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


def watch(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call of the function's clients go through ``cloud``, and nobody else's."""
    tables = (clients.table(name).meta.client for name in ("results", "pace"))
    made = (clients.s3(), clients.rekognition(), clients.sqs(), clients.events(), *tables)
    watched = {id(client) for client in made}

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        if id(client) in watched:
            return cloud.call(client, operation, asked)
        return cloud.original(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.fixture
def lab(told: None, timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> Lab:  # noqa: ARG001 (the function reads it)
    """The function on an AWS in memory, ready for deliveries."""
    memory = Memory()
    memory.objects.versioned.add(MEDIA)
    cloud = Cloud(memory, BaseClient._make_api_call)  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)
    watch(cloud, monkeypatch)

    def hand(operation: str, **asked: object) -> object:
        try:
            return memory.answer(operation, asked)
        except RefusalError as refusal:
            raise AssertionError(refusal.answer) from refusal

    return Lab(cloud, timeline, hand)


@pytest.fixture
def moto_lab(  # noqa: PLR0913, PLR0917 (what an AWS is made of)
    told: None,  # noqa: ARG001 (the function reads it)
    timeline: Timeline,
    results: "Table",  # noqa: ARG001 (the function writes there)
    pace_table: "Table",  # noqa: ARG001 (as above)
    dynamodb: "DynamoDBServiceResource",
    s3_client: "S3Client",
    sqs_client: "SQSClient",
    monkeypatch: pytest.MonkeyPatch,
) -> Lab:
    """The function on moto, with botocore's own way from a call to bytes and back."""
    s3, sqs = s3_client, sqs_client
    for bucket in (MEDIA, UNVERSIONED, RESULTS):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    sqs.create_queue(QueueName=DEAD_LETTERS.rpartition("/")[2])
    cloud = Cloud(None, BaseClient._make_api_call)  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)
    watch(cloud, monkeypatch)
    mine = (s3, sqs, dynamodb.meta.client)

    def hand(operation: str, **asked: object) -> object:
        client = next(one for one in mine if operation in one.meta.service_model.operation_names)
        return getattr(client, xform_name(operation))(**asked)

    return Lab(cloud, timeline, hand)
