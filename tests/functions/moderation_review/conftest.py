"""The function with its resources in an AWS inside this process."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from moderation_review import handler
from moderation_review.settings import settings
from shared import clients
from tests.functions.moderation_review.lab import HELD, MEDIA, TABLE, Lab

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

ENVIRONMENT = {
    "QUARANTINE_BUCKET": HELD,
    "RESULTS_DAYS": "0",
    "REVIEW": "true",
    "REVIEW_DAYS": "14",
    "TABLE_NAME": TABLE,
}
MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab(results: "Table", s3_client: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeLab]:
    """Makes the function's surroundings: with versions or without, under other settings than the usual."""
    undo: list[Callable[[], None]] = []

    def made(*, versioned: bool = False, **environment: str) -> Lab:
        settings.cache_clear()
        for name, value in (ENVIRONMENT | environment).items():
            monkeypatch.setenv(name, value)
        lab = Lab(s3_client, results, versioned=versioned)
        for bucket in (MEDIA, HELD):
            s3_client.create_bucket(Bucket=bucket)
        if versioned:
            s3_client.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
        undo.append(_watch(lab))
        return lab

    yield made
    for one in undo:
        one()
    settings.cache_clear()


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
