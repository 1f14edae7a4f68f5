"""A stage with a training workflow: S3 in moto, and everything else answers what a test writes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from moto import mock_aws

from mlstack import account, command, deployment
from tests.mlstack.wire import Spoken, Wire, client, said, wired

DATASETS, MODELS = "datasets-here", "models-here"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:training"
FUNCTION = "training-request"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/mlstack-sandbox-waste-sorter"
OUTPUTS = {
    "StateMachineArn": MACHINE,
    "RequestFunctionName": FUNCTION,
    "DatasetsBucketName": DATASETS,
    "ModelsBucketName": MODELS,
    "Models": "waste-sorter,churn",
}
JPEG = b"\xff\xd8\xff\xe0 and so on"
PNG = b"\x89PNG\r\n\x1a\n and so on"
BEGAN, ENDED = 1_790_000_000, 1_790_000_360
Run = Callable[..., tuple[int, str, str]]


def planned(**more: object) -> dict[str, Any]:
    """What the function answers of a request that it takes."""
    steps = [
        {
            "step": "train",
            "what": "1 x ml.m5.xlarge, at most 60 min",
            "usd_per_hour": "0.23",
            "at_most_usd": "0.23",
            "note": "spot is usually 50 to 70 % less",
        },
        {"step": "evaluate", "what": "1 x ml.m5.xlarge", "usd_per_hour": "0.23", "at_most_usd": "0.115", "note": ""},
    ]
    price = {"currency": "USD", "known": True, "at_most_usd": "0.345", "steps": steps}
    return {"job": "mlstack-sandbox-0a1b2c3d", "price": price, "warnings": ["quotas could not be read"]} | more


def answered(told: object, error: str | None = None) -> Spoken:
    """What Invoke answers."""
    headers = {"Content-Type": "application/json"} | ({"X-Amz-Function-Error": error} if error else {})
    return Spoken(json.dumps(told).encode(), headers=headers)


def refused_by_function(message: str, kind: str = "RequestError") -> Spoken:
    """What Invoke answers where the function raised."""
    return answered({"errorType": kind, "errorMessage": message, "stackTrace": []}, "Unhandled")


OUTCOME = {
    "model": "waste-sorter",
    "path": "train",
    "package_arn": f"{PACKAGE}/3",
    "artifacts": f"s3://{MODELS}/training/waste-sorter/x/output/model.tar.gz",
    "metric": "accuracy",
    "value": 0.9375,
    "report": f"s3://{MODELS}/report.json",
    "compiled": None,
    "endpoint": "mlstack-sandbox-waste-sorter",
    "transformed": None,
    "approval": "Approved",
}


def execution(status: str = "SUCCEEDED", **more: object) -> Spoken:
    """What DescribeExecution answers."""
    told: dict[str, object] = {
        "name": "waste-sorter-20261122-093000-3fa9",
        "executionArn": MACHINE.replace(":stateMachine:", ":execution:") + ":waste-sorter-20261122-093000-3fa9",
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": BEGAN,
        "input": json.dumps({"model": "waste-sorter", "train": {}}),
    }
    if status == "SUCCEEDED":
        told["output"] = json.dumps(OUTCOME)
    if status != "RUNNING":
        told["stopDate"] = ENDED
    return said(**told | more)


def history(*steps: tuple[str, str | None], first: int = 1) -> Spoken:
    """What GetExecutionHistory answers, newest first: states with what their task asks SageMaker for."""
    events: list[dict[str, object]] = [{"type": "ChoiceStateEntered", "stateEnteredEventDetails": {"name": "Which"}}]
    for name, resource in steps:
        entered = {"name": name, "input": "{}"}
        events.append({"type": "TaskStateEntered", "stateEnteredEventDetails": entered})
        if resource:
            asked = {"resourceType": "sagemaker", "resource": resource, "region": "us-east-1", "parameters": "{}"}
            events.append({"type": "TaskScheduled", "taskScheduledEventDetails": asked})
    numbered = [{"id": first + place, "timestamp": BEGAN, **event} for place, event in enumerate(events)]
    return said(events=numbered[::-1])


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No test waits; how long it would have."""
    slept: list[float] = []
    monkeypatch.setattr("mlstack.training.follow.sleep", slept.append)
    return slept


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The stage; every request is taken, and its run has succeeded at the first look."""
    wire = Wire()
    wire.answer("Invoke", answered(planned()))
    wire.answer("StartExecution", said(executionArn=f"{MACHINE}:x", startDate=BEGAN))
    wire.answer("DescribeExecution", execution())
    wire.answer("GetExecutionHistory", history(("Train", None)))
    monkeypatch.setattr(deployment, "outputs", lambda *_: OUTPUTS)
    with mock_aws():
        for bucket in (DATASETS, MODELS):
            client("s3").create_bucket(Bucket=bucket)
        for found in wired(wire, ("lambda", "stepfunctions", "sagemaker", "logs")):
            monkeypatch.setattr(account, "choose", lambda *_, found=found: found)
            yield wire


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mlstack`; gives its exit code, and what it wrote."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = 0
        try:
            command.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of pictures, for each of three channels."""
    for place in ("train/compost/1.jpg", "train/landfill/2.png", "validation/compost/3.jpg", "test/landfill/4.png"):
        file = tmp_path / "waste" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((JPEG if place.endswith("jpg") else PNG) + place.encode())
    return tmp_path / "waste"


def bodies(wire: Wire, operation: str) -> list[dict[str, Any]]:
    """The bodies of all requests for an operation."""
    return [json.loads(cast("bytes", one.body)) for one in wire.requests[operation]]


def asked(wire: Wire, operation: str) -> dict[str, Any]:
    """The body of the last request for an operation."""
    return bodies(wire, operation)[-1]


def keys(bucket: str = DATASETS) -> list[str]:
    """What lies in a bucket."""
    return [one["Key"] for one in client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]
