"""Agent and watch together on a SageMaker and a CloudWatch: whoever fails, the other one stops the instance."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from notebook_agent.tick import heartbeat
from notebook_watch import handler
from shared import clients, clock

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sagemaker import SageMakerClient

from tests.functions.notebook_watch.conftest import NAME

ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mock_aws():
        sagemaker, cloudwatch = boto3.client("sagemaker"), boto3.client("cloudwatch")
        monkeypatch.setattr(clients, "sagemaker", lambda: sagemaker)
        monkeypatch.setattr(clients, "cloudwatch", lambda: cloudwatch)
        sagemaker.create_notebook_instance(NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=ROLE)
        yield


def made() -> datetime:
    """When the instance was made."""
    return clients.sagemaker().describe_notebook_instance(NotebookInstanceName=NAME)["CreationTime"]


def at(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """Let so much time pass since the start of the instance."""
    present = made() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: present)


def beat(cloudwatch: "CloudWatchClient", hours: float) -> None:
    """Put the agent's own metric, with a date, since only CloudWatch's clock cannot be set here."""
    told = heartbeat(NAME, 600.0)
    for datum in told["MetricData"]:
        datum["Timestamp"] = made() + timedelta(hours=hours)
    cloudwatch.put_metric_data(**told)


def status(sagemaker: "SageMakerClient") -> str:
    return sagemaker.describe_notebook_instance(NotebookInstanceName=NAME)["NotebookInstanceStatus"]


@pytest.mark.usefixtures("aws")
def test_instance_runs_while_its_agent_beats_and_stops_when_it_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for quarter in range(1, 9):
        now = quarter / 4
        if quarter <= 6:
            beat(clients.cloudwatch(), now - 0.05)
        at(monkeypatch, now)
        handler.handle({}, None)
        seen.append(status(clients.sagemaker()))

    assert seen == ["InService"] * 6 + ["Stopped"] * 2


@pytest.mark.usefixtures("aws")
def test_instance_whose_agent_never_came_is_stopped_after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 0.3)
    young = handler.handle({}, None)
    at(monkeypatch, 0.5)
    old = handler.handle({}, None)

    assert (young["action"], old["action"]) == ("none", "stop")
    assert status(clients.sagemaker()) == "Stopped"
    assert handler.handle({}, None)["status"] == "Stopped"


@pytest.mark.usefixtures("aws")
def test_instance_that_its_agent_does_not_stop_at_its_cap_is_stopped_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []
    for now in (11.9, 12.2, 12.3):
        beat(clients.cloudwatch(), now - 0.01)
        at(monkeypatch, now)
        seen.append(handler.handle({}, None)["action"])

    assert seen == ["none", "none", "stop"]


@pytest.mark.usefixtures("aws")
def test_deleted_instance_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 1)
    clients.sagemaker().stop_notebook_instance(NotebookInstanceName=NAME)
    clients.sagemaker().delete_notebook_instance(NotebookInstanceName=NAME)

    assert handler.handle({}, None) == {"notebook": NAME, "status": "gone", "action": "none"}
