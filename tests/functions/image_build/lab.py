"""The function with its clients' calls answered in memory, struck by faults, on a clock that waits for nobody."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from image_build.building import ensure
from image_build.order import Order
from image_build.progress import Progress
from shared import clients, clock
from tests.functions.image_build.workshop import FUNCTION, PROJECT, REPOSITORY, TAG, Workshop
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.timeline import Timeline

URI = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}:{TAG}"
ORDER = Order(PROJECT, REPOSITORY, TAG, URI)
PROPERTIES: Mapping[str, Any] = {
    "ServiceToken": "function",
    "ProjectName": PROJECT,
    "RepositoryName": REPOSITORY,
    "Tag": TAG,
    "ImageUri": URI,
}
LONG = timedelta(seconds=870)


@dataclass
class Lab:
    """What a test looks at."""

    workshop: Workshop
    cloud: Cloud
    timeline: Timeline

    def now(self) -> datetime:
        """The present."""
        return self.timeline.now()

    def ensure(self, progress: Progress | None = None, lasts: timedelta = LONG) -> None:
        """Have an image built."""
        ensure(clients.codebuild(), clients.ecr(), ORDER, progress or Progress(), until=self.now() + lasts)

    def slow(self, seconds: float) -> None:
        """Let every call take so long there, and so long back, so that others come in between."""
        self.cloud.wait = lambda _call, _done: self.timeline.sleep(seconds)

    def operations(self) -> list[str]:
        """Every call of AWS in its order."""
        return [call.operation for call in self.cloud.calls]


@contextmanager
def opened() -> Iterator[Lab]:
    """A new lab; for tests that need many of them."""
    timeline = Timeline()
    workshop = Workshop(timeline.now)
    cloud = Cloud(None, workshop.call)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return cloud.call(client, operation, asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", timeline.now)
        patch.setattr(clock, "sleep", timeline.sleep)
        patch.setenv("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)
        patch.setattr(BaseClient, "_make_api_call", call)
        yield Lab(workshop, cloud, timeline)
