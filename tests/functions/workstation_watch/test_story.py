"""Watch, EC2 and CloudWatch together over a day: whatever becomes of an agent, its workstation does not run on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from shared import clients, clock
from tests.functions.workstation_watch.conftest import STAGE
from workstation_watch import handler
from workstation_watch.heartbeat import HEARTBEAT

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ec2 import EC2Client


@pytest.fixture
def ec2(
    monkeypatch: pytest.MonkeyPatch, ec2_client: "EC2Client", cloudwatch_client: "CloudWatchClient"
) -> Iterator["EC2Client"]:
    with mock_aws():
        monkeypatch.setattr(clients, "ec2", lambda: ec2_client)
        monkeypatch.setattr(clients, "cloudwatch", lambda: cloudwatch_client)
        yield ec2_client


def launched(ec2: "EC2Client") -> str:
    """The id of a workstation that was launched now."""
    box = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    tags = {"project": "mlstack", "stage": STAGE, "workstation": "trainer"}
    ec2.create_tags(Resources=[box], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    return box


def since(ec2: "EC2Client", box: str) -> datetime:
    """When it was started."""
    return ec2.describe_instances(InstanceIds=[box])["Reservations"][0]["Instances"][0]["LaunchTime"]


def state(ec2: "EC2Client", box: str) -> str:
    return ec2.describe_instances(InstanceIds=[box])["Reservations"][0]["Instances"][0]["State"]["Name"]


def beat(cloudwatch: "CloudWatchClient", box: str, at: datetime) -> None:
    """What the agent puts."""
    cloudwatch.put_metric_data(
        Namespace=HEARTBEAT.namespace,
        MetricData=[
            {
                "MetricName": HEARTBEAT.metric,
                "Dimensions": [{"Name": HEARTBEAT.dimension, "Value": box}],
                "Timestamp": at,
                "Value": 3.0,
            }
        ],
    )


def look(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    handler.handle({}, None)


def test_fresh_workstation_is_left_within_its_grace_and_a_silent_one_is_stopped(
    monkeypatch: pytest.MonkeyPatch, ec2: "EC2Client"
) -> None:
    box = launched(ec2)
    start, seen = since(ec2, box), []

    for minutes in (1, 16, 31):
        look(monkeypatch, start + timedelta(minutes=minutes))
        seen.append(state(ec2, box))

    assert seen == ["running", "running", "stopped"]


def test_workstation_runs_while_its_agent_beats_and_stops_when_it_dies(
    monkeypatch: pytest.MonkeyPatch, ec2: "EC2Client"
) -> None:
    box, other = launched(ec2), launched(ec2)
    start, seen = since(ec2, box), []

    for quarter in range(1, 9):
        now = start + quarter * timedelta(minutes=15)
        beat(clients.cloudwatch(), other, now - timedelta(minutes=3))
        if quarter <= 5:
            beat(clients.cloudwatch(), box, now - timedelta(minutes=3))
        look(monkeypatch, now)
        seen.append((state(ec2, box), state(ec2, other)))

    assert [one for one, _ in seen] == ["running"] * 6 + ["stopped"] * 2
    assert {one for _, one in seen} == {"running"}


def test_workstation_in_use_is_stopped_beyond_its_longest_time(
    monkeypatch: pytest.MonkeyPatch, ec2: "EC2Client"
) -> None:
    box = launched(ec2)
    start, seen = since(ec2, box), []

    for hours in (6.0, 11.9, 12.1):
        now = start + timedelta(hours=hours)
        beat(clients.cloudwatch(), box, now - timedelta(minutes=1))
        look(monkeypatch, now)
        seen.append(state(ec2, box))

    assert seen == ["running", "running", "stopped"]
