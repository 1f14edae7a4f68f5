"""The two video functions with their resources: in memory, and in moto, where DynamoDB's own expressions count."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient

import video_results.settings
import video_start.settings
from shared import clients
from tests.functions.shared.memory import Memory
from tests.functions.video_start.lab import DEAD, DONE, MEDIA, RESULTS, START, Lab, VideoCloud

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

MODERATION = {"min_confidence": 50.0, "act_at": 80.0, "action": "quarantine"}
OPTIONS = {
    "labels": {"min_confidence": 70.0, "max_labels": 25},
    "moderation": MODERATION,
    "faces": {"attributes": "all"},
    "text": {"min_confidence": 80.0},
}
ROUTES = {
    "videos/": ["labels"],
    "all/": ["segments", "text", "faces", "moderation", "labels"],
    "two/": ["labels", "text"],
}
ENVIRONMENT = {
    "DEAD_LETTER_QUEUE_URL": DEAD,
    "JOBS": "20",
    "PACE_TABLE": "pace",
    "RESULTS_BUCKET": RESULTS,
    "RESULTS_DAYS": "0",
    "ROLE_ARN": "arn:aws:iam::123456789012:role/Tells",
    "STAGE": "sandbox",
    "TABLE_NAME": "results",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:completions",
}
SETTINGS = (video_start.settings.settings, video_results.settings.settings)


@pytest.fixture
def told_videos(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each function its environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for queue, analyses, settings in (
        (START, {"routes": ROUTES, "options": OPTIONS, "per_second": 5.0}, SETTINGS[0]),
        (DONE, {"options": OPTIONS, "per_second": 20.0}, SETTINGS[1]),
    ):
        monkeypatch.setenv("QUEUE_URL", queue)
        monkeypatch.setenv("ANALYSES", json.dumps(analyses))
        settings.cache_clear()
        settings()
    yield
    for settings in SETTINGS:
        settings.cache_clear()


def watched(lab: Lab, memory: Memory | None, monkeypatch: pytest.MonkeyPatch) -> VideoCloud:
    """Let every call of the functions' clients go through a cloud, and nobody else's; time is the lab's."""
    cloud = VideoCloud(lab, memory, BaseClient._make_api_call)  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)
    tables = [clients.table(name).meta.client for name in ("results", "pace")]
    made = (clients.s3(), clients.rekognition(), clients.sqs(), clients.events(), *tables)
    theirs = {id(client) for client in made}

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        through = cloud.call if id(client) in theirs else cloud.original
        return through(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr("shared.clock.now", lab.now)
    monkeypatch.setattr("shared.clock.sleep", lab.sleep)
    monkeypatch.setattr("shared.clock.spread", float)
    return cloud


@pytest.fixture
def lab(told_videos: None, monkeypatch: pytest.MonkeyPatch) -> Lab:  # noqa: ARG001 (the functions read it)
    """The functions on an AWS in memory, ready for deliveries."""
    lab, memory = Lab(), Memory()
    memory.objects.versioned.add(MEDIA)
    lab.cloud = watched(lab, memory, monkeypatch)
    lab.hand = lambda operation, **asked: memory.answer(operation, asked)
    return lab


@pytest.fixture
def moto_lab(  # noqa: PLR0913, PLR0917 (what an AWS is made of)
    told_videos: None,  # noqa: ARG001 (the functions read it)
    results: "Table",  # noqa: ARG001 (the functions write there)
    pace_table: "Table",  # noqa: ARG001 (as above)
    dynamodb: "DynamoDBServiceResource",
    s3_client: "S3Client",
    monkeypatch: pytest.MonkeyPatch,
) -> Lab:
    """The functions on moto's DynamoDB and S3."""
    for bucket in (MEDIA, RESULTS):
        s3_client.create_bucket(Bucket=bucket)
    s3_client.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    mine = (s3_client, dynamodb.meta.client)

    def hand(operation: str, **asked: object) -> object:
        client = next(one for one in mine if operation in one.meta.service_model.operation_names)
        return getattr(client, xform_name(operation))(**asked)

    lab = Lab()
    lab.hand = hand
    lab.cloud = watched(lab, None, monkeypatch)
    return lab
