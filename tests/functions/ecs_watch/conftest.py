"""ECS, Auto Scaling, EC2 and SQS in memory behind the function's clients, and a present that only a test moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from ecs_watch.handler import handle
from ecs_watch.line import Line
from ecs_watch.settings import settings
from shared import clients, clock
from tests.functions.ec2 import Instance
from tests.functions.ecs import BEGAN, Host, Task
from tests.functions.region import Region
from tests.functions.shared.cloud import Cloud

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FAMILY = "mlstack-sandbox-training"
ENVIRONMENT = {
    "CLUSTER": "mlstack-sandbox",
    "GROUPS": '["spot", "on-demand"]',
    "FAMILY": FAMILY,
    "MAX_HOURS": "24",
    "QUEUES": '["https://sqs.us-east-1.amazonaws.com/123456789012/tagger"]',
}


@dataclass
class Present:
    """The time, as the function reads it."""

    now: datetime = BEGAN + 100 * HOUR

    def read(self) -> datetime:
        return self.now


def handled() -> dict[str, list[Line]]:
    """What the function says of everything."""
    return handle({}, None)


def actions(kind: str) -> dict[str, str]:
    """What was done with each task, or instance, by its name."""
    return {line[kind]: line["action"] for line in handled()[f"{kind}s"]}


def name(task: Task) -> str:
    """As the function calls it."""
    return task.arn[-32:]


@pytest.fixture(scope="session")
def watch_clients() -> dict[str, BaseClient]:
    """Make the clients once, which takes longer than a test."""
    return {name: boto3.client(name) for name in ("ecs", "autoscaling", "ec2", "sqs")}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tell the function what it is told, afresh for every test."""
    for variable, value in ENVIRONMENT.items():
        monkeypatch.setenv(variable, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> Present:
    made = Present()
    monkeypatch.setattr(clock, "now", made.read)
    return made


@dataclass
class Floor(Region):
    """A region whose things are made so long ago."""

    present: Present = None  # type: ignore[assignment]  # always given

    def ran(self, age: timedelta, **more: Any) -> Task:  # noqa: ANN401 (a task's fields)
        """A task that was asked for so long ago."""
        return self.run(created=self.present.now - age, **more)

    def up(self, age: timedelta, group: str = "spot", **more: Any) -> Instance:  # noqa: ANN401 (an instance's fields)
        """An instance that was launched so long ago."""
        return self.launch(group, launched=self.present.now - age, **more)

    def joined(self, age: timedelta, group: str = "spot", **more: Any) -> tuple[Instance, Host]:  # noqa: ANN401 (its fields)
        """An instance that has registered so long ago, two minutes after its launch."""
        box = self.up(age + 2 * MINUTE, group)
        return box, self.join(box, registered=self.present.now - age, **more)


@pytest.fixture
def floor(present: Present) -> Floor:
    """What there is: an empty cluster."""
    return Floor(now=present.read, present=present)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, watch_clients: dict[str, BaseClient], floor: Floor) -> Cloud:
    """What stands between the function and AWS."""
    made = Cloud(None, floor.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    for service, client in watch_clients.items():
        monkeypatch.setattr(clients, service, lambda client=client: client)
    return made
