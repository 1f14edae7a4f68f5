"""A desk: S3 and SQS in memory, a server that says what a test wants, and the worker's parts on them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from tests.containers.worker.desk import Desk, Replies
from tests.functions.shared.cloud import Cloud


@pytest.fixture
def replies() -> Iterator[Replies]:
    """A server over HTTP; every request is answered with 200 and an object unless the test says otherwise."""
    with Replies.serving() as replies:
        yield replies


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, replies: Replies) -> Desk:
    """All that a worker meets."""
    desk = Desk(replies)
    cloud = Cloud(None, desk.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return cloud.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    desk.cloud = cloud
    return desk
