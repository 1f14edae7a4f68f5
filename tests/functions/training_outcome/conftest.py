"""The SageMaker in memory, a Step Functions that knows its executions, and everybody who is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

import training_outcome.settings
from shared import clients
from tests.functions.cloudformation import time
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.memory import RefusalError
from tests.functions.trained_models.conftest import sagemaker
from tests.functions.trained_models.sagemaker import SageMaker
from training_outcome import telling

__all__ = ["sagemaker", "time"]

STAGE = "sandbox"
TOPIC = "arn:aws:sns:us-east-1:123456789012:mlstack-sandbox-training"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Training"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Training:first"
ENVIRONMENT = {"STAGE": STAGE, "TOPIC_ARN": TOPIC, "STATE_MACHINE_ARN": MACHINE}
REQUEST = {"model": "waste-sorter", "train": {}, "deploy": {"endpoint": "sorter"}}
OUTPUT = {
    "model": "waste-sorter",
    "job": "mlstack-sandbox-0badcafe",
    "path": "train",
    "version": 3,
    "package_arn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/mlstack-sandbox-waste-sorter/3",
    "artifacts": "s3://models/training/waste-sorter/x/output/model.tar.gz",
    "metric": "accuracy",
    "value": 0.9312345,
    "report": "s3://models/training/waste-sorter/x/evaluation/evaluation.json",
    "compiled": None,
    "endpoint": None,
    "transformed": None,
    "approval": "PendingManualApproval",
}


@dataclass
class World:
    """What Step Functions knows, and what was told."""

    sagemaker: SageMaker
    executions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    deaf: bool = False
    """Whether the bus takes the call, and not the event in it."""

    def answer(self, client: object, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """One call, as botocore makes it."""
        if operation == "PutEvents":
            return self._heard(asked["Entries"])
        if operation == "Publish":
            self.messages.append(dict(asked))
            return {"MessageId": "1"}
        if operation == "DescribeExecution":
            if asked["executionArn"] not in self.executions:
                code = "ExecutionDoesNotExist"
                raise RefusalError(code)
            return dict(self.executions[asked["executionArn"]])
        return self.sagemaker.answer(client, operation, asked)

    def _heard(self, entries: list[Mapping[str, Any]]) -> dict[str, Any]:
        if self.deaf:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "we"}]}
        self.events += [{**entry, "Detail": json.loads(entry["Detail"])} for entry in entries]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in entries]}


@pytest.fixture(scope="session")
def made_clients() -> dict[str, Any]:
    """Make the clients once, which takes longer than a test."""
    names = {"sagemaker": "sagemaker", "events": "events", "sns": "sns", "stepfunctions": "stepfunctions"}
    return {name: boto3.client(service) for name, service in names.items()}  # type: ignore[call-overload]  # any service


@pytest.fixture
def world(sagemaker: SageMaker) -> World:
    return World(sagemaker)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, world: World, made_clients: dict[str, Any]) -> Cloud:
    """What stands between the function and AWS."""
    made = Cloud(None, world.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    for name, client in made_clients.items():
        monkeypatch.setattr(clients, name, lambda client=client: client)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(telling, "told", set())
    training_outcome.settings.settings.cache_clear()
    return made
