"""EC2 and CloudWatch in memory behind the function's clients, and a present that stands still."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from shared import clients, clock
from tests.functions.ec2 import EC2, Instance
from tests.functions.shared.cloud import Cloud
from workstation_watch.handler import Line, handle
from workstation_watch.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ec2 import EC2Client

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
STAGE = "sandbox"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ENVIRONMENT = {
    "STAGE": STAGE,
    "GRACE_MINUTES": "20",
    "HEARTBEAT_MINUTES": "5",
    "MAX_HOURS": '{"trainer": 12, "painter": 4}',
}


@dataclass
class Region:
    """What there is: instances, and the heartbeats that CloudWatch has of them."""

    ec2: EC2 = field(default_factory=EC2)
    beats: dict[str, datetime] = field(default_factory=dict)

    def answer(self, client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """As AWS does."""
        if operation != "GetMetricData":
            return self.ec2.answer(client, operation, asked)
        results = []
        for query in asked["MetricDataQueries"]:
            [dimension] = query["MetricStat"]["Metric"]["Dimensions"]
            beat = self.beats.get(dimension["Value"])
            times = [beat] if beat and asked["StartTime"] <= beat < asked["EndTime"] else []
            results.append({"Id": query["Id"], "Timestamps": times, "StatusCode": "Complete"})
        return {"MetricDataResults": results}

    def launch(
        self,
        name: str = "trainer",
        age: timedelta = 3 * HOUR,
        *,
        beat: timedelta | None = None,
        **more: Any,  # noqa: ANN401 (an instance's fields)
    ) -> Instance:
        """Let a workstation run since so long, and its agent be heard of so long ago."""
        tags = {"project": "mlstack", "stage": STAGE, "workstation": name}
        made = self.ec2.launch(**{"launched": NOW - age, "tags": tags, **more})
        if beat is not None:
            self.beats[made.id] = NOW - beat
        return made


def handled() -> list[Line]:
    """What the function says of each instance."""
    return handle({}, None)["workstations"]


def actions() -> dict[str, str]:
    """What was done with each instance."""
    return {line["instance"]: line["action"] for line in handled()}


def silent(region: Region, spot: str | None = None) -> Instance:
    """One whose agent says nothing."""
    return region.launch(spot=spot)


@pytest.fixture(scope="session")
def ec2_client() -> "EC2Client":
    """Make the client once, which takes longer than a test."""
    return boto3.client("ec2")


@pytest.fixture(scope="session")
def cloudwatch_client() -> "CloudWatchClient":
    """Make this one once too."""
    return boto3.client("cloudwatch")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tell the function what it is told, afresh for every test."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def region() -> Region:
    """What there is: nothing yet."""
    return Region()


@pytest.fixture
def cloud(
    monkeypatch: pytest.MonkeyPatch, ec2_client: "EC2Client", cloudwatch_client: "CloudWatchClient", region: Region
) -> Cloud:
    """What stands between the function and AWS."""
    made = Cloud(None, region.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(clients, "ec2", lambda: ec2_client)
    monkeypatch.setattr(clients, "cloudwatch", lambda: cloudwatch_client)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return made
