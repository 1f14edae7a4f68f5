"""A stage with a training and a service on ECS: what keeps data is moto, what runs answers what a test writes."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import BotoCoreError, ClientError
from moto import mock_aws

from mlstack import account, command
from mlstack.account import Account
from mlstack.ecs.command import run as run_group
from mlstack.ecs.command import service as service_group
from tests.mlstack.training.conftest import JPEG, PNG
from tests.mlstack.wire import Clock, Raw, client

DATASETS, MODELS, TRAFFIC = "datasets-here", "models-here", "traffic-here"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:mlstack-sandbox-ecs-training"
RUN = "sorter-20261122-093000-3fa9"
TASKS = "arn:aws:ecs:us-east-1:123456789012:task/mlstack-sandbox/"
BEGAN, ENDED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC), datetime(2026, 11, 22, 9, 42, tzinfo=UTC)
GROUP = "/mlstack/sandbox/ecs/training"
ARTIFACT = f"s3://{MODELS}/ecs/runs/{RUN}/model.tar.gz"
TRAINING = {
    "stage": "sandbox",
    "region": "us-east-1",
    "cluster": "mlstack-sandbox",
    "state_machine": MACHINE,
    "task_definition": "arn:aws:ecs:us-east-1:123456789012:task-definition/mlstack-sandbox-training:7",
    "log_group": GROUP,
    "stream_prefix": "training",
    "datasets": DATASETS,
    "models": MODELS,
    "accelerator": "gpu",
    "instance_types": ["g4dn.xlarge", "g5.xlarge"],
    "vcpu": 4,
    "memory_gb": 14,
    "market": "spot",
    "max_hours": 8,
    "spot_attempts": 3,
    "usd_per_hour": {"spot": "0.40", "on-demand": "1.006"},
    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/training@sha256:0a",
}
SERVICE = {
    "stage": "sandbox",
    "region": "us-east-1",
    "cluster": "mlstack-sandbox",
    "service": "mlstack-sandbox-sorter",
    "bucket": TRAFFIC,
    "requests": "sorter/requests/",
    "answers": "sorter/answers/",
    "failures": "sorter/failures/",
    "log_group": "/mlstack/sandbox/ecs/sorter",
    "stream_prefix": "sorter",
    "min_tasks": 0,
    "max_tasks": 4,
    "backlog_per_task": 10,
    "sleep_minutes": 10,
    "architecture": "arm64",
    "vcpu": 1,
    "memory_gb": 2,
    "market": "spot",
    "task_usd_per_hour": "0.0395",
    "idle_price": "$0.00 a month",
    "url": None,
    "model": ARTIFACT,
    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/inference@sha256:0b",
}
STAND_INS = ("ecs", "stepfunctions", "logs", "s3", "sqs", "ssm", "cloudwatch")
Answer = dict[str, Any] | ClientError | BotoCoreError
Run = Callable[..., tuple[int, str, str]]


def refused(code: str, message: str = "no\nway") -> ClientError:
    """An error of AWS's."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def execution(status: str = "SUCCEEDED", **more: object) -> dict[str, Any]:
    """What DescribeExecution answers."""
    told: dict[str, Any] = {
        "name": RUN,
        "executionArn": f"{MACHINE.replace(':stateMachine:', ':execution:')}:{RUN}",
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": BEGAN,
        "input": json.dumps({"run": RUN, "model": "sorter"}),
    }
    if status == "SUCCEEDED":
        told["output"] = json.dumps({"run": RUN, "model": "sorter", "artifact": ARTIFACT, "attempts": 2})
    if status != "RUNNING":
        told["stopDate"] = ENDED
    return told | more


def task(number: int = 1, status: str = "RUNNING", *, of: str = RUN, **more: object) -> dict[str, Any]:
    """What DescribeTasks says of one."""
    environment = [{"name": "TASK_DATA", "value": "{}"}, {"name": "TRAINING_JOB_NAME", "value": of}]
    return {
        "taskArn": f"{TASKS}{number:032x}",
        "lastStatus": status,
        "createdAt": BEGAN + timedelta(minutes=number),
        "capacityProviderName": "mlstack-sandbox-training-spot",
        "overrides": {"containerOverrides": [{"name": "training", "environment": environment}]},
        "containers": [{"name": "training"}],
        **more,
    }


def stopped(number: int, code: int | None, reason: str, **more: str) -> dict[str, Any]:
    """One that has ended."""
    container = {"name": "training"} | ({} if code is None else {"exitCode": code})
    return {**task(number, "STOPPED"), "stoppedReason": reason, "containers": [container], **more}


def counts(desired: int = 0, running: int = 0, pending: int = 0, **more: object) -> dict[str, Any]:
    """What DescribeServices answers."""
    found = {"serviceName": "mlstack-sandbox-sorter", "status": "ACTIVE"}
    numbers = {"desiredCount": desired, "runningCount": running, "pendingCount": pending}
    return {"services": [{**found, **numbers, **more}], "failures": []}


@dataclass
class Lab:
    """The stage, and what AWS answers instead of moto."""

    account: Account
    answers: dict[str, deque[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    happenings: deque[Callable[[], None]] = field(default_factory=deque)
    """What happens while a command sleeps, one at each sleep."""

    def put(self, path: str, told: object) -> None:
        """Have a stage say something."""
        text = told if isinstance(told, str) else json.dumps(told)
        client("ssm").put_parameter(Name=f"/mlstack/{path}", Value=text, Type="String", Overwrite=True)

    def training(self, **changed: object) -> None:
        """Say what the stage's training is."""
        self.put("sandbox/ecs/training", TRAINING | changed)

    def service(self, name: str = "sorter", changes: Mapping[str, object] | None = None, **changed: object) -> None:
        """Say what a service is, with queues of its own."""
        urls = {
            key: client("sqs").create_queue(QueueName=f"{name}-{key.partition('_')[0]}")["QueueUrl"]
            for key in ("queue_url", "dead_letter_queue_url")
        }
        self.put(f"sandbox/ecs/services/{name}", SERVICE | urls | changed | dict(changes or {}))

    def answer(self, operation: str, *answers: Answer) -> None:
        """Answer an operation with these, one after the other, and the last for ever."""
        self.answers[operation] = deque(answers)

    def tasks(self, *looks: list[dict[str, Any]]) -> None:
        """Have ECS know these tasks, look by look."""
        known = {one["taskArn"] for look in looks for one in look}
        self.answer("ListTasks", {"taskArns": sorted(known)})
        self.answer("DescribeTasks", *({"tasks": look} for look in looks))

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """What an operation was asked for; of JSON services, its parameters."""
        return [asked for name, asked in self.asked if name == operation]

    def heard(self, params: dict[str, Any], model: Any, **_: object) -> tuple[AWSResponse, Mapping[str, Any]] | None:  # noqa: ANN401
        """Stand in for AWS where the test says so."""
        body = params["body"]
        is_json = isinstance(body, bytes | str) and body[:1] in {b"{", "{"}
        self.asked.append((model.name, json.loads(body) if is_json else {}))
        if model.name not in self.answers:
            return None
        answers = self.answers[model.name]
        found = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(found, BotoCoreError):
            raise found
        status, said = (400, found.response) if isinstance(found, ClientError) else (200, found)
        return AWSResponse("https://x", status, HTTPHeaders(), Raw()), {"ResponseMetadata": {}, **said}

    def fail(self, monkeypatch: pytest.MonkeyPatch, service: str, operation: str, error: Exception) -> None:
        """Make a call to moto fail."""

        def failing(**_: object) -> None:
            raise error

        monkeypatch.setattr(client(service), operation, failing)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test waits."""
    return Clock(monkeypatch)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Lab]:
    """A real account's stage with buckets, whose run has succeeded at the first look, and which has no tasks."""
    with mock_aws():
        found = Lab(Account(shown="account 1", is_local=False, client=client))
        for bucket in (DATASETS, MODELS, TRAFFIC):
            client("s3").create_bucket(Bucket=bucket)
        found.answer("StartExecution", {"executionArn": f"{MACHINE}:x", "startDate": BEGAN})
        found.answer("DescribeExecution", execution())
        found.answer("DescribeServices", counts())
        found.answer("DescribeLogStreams", {"logStreams": []})
        found.answer("GetLogEvents", {"events": []})
        found.tasks([])
        monkeypatch.setitem(command.mlstack.commands, "run", run_group)
        monkeypatch.setitem(command.mlstack.commands, "service", service_group)
        monkeypatch.setattr(account, "choose", lambda *_: found.account)

        def sleep(seconds: float) -> None:
            clock.sleep(seconds)
            if found.happenings:
                found.happenings.popleft()()

        real = client("sqs").receive_message
        monkeypatch.setattr(client("sqs"), "receive_message", lambda **asked: real(**{**asked, "WaitTimeSeconds": 0}))
        monkeypatch.setattr("mlstack.patience.sleep", sleep)
        monkeypatch.setattr("mlstack.training.follow.sleep", sleep)
        monkeypatch.setattr("mlstack.ecs.service.predict.monotonic", lambda: clock.now)
        for service in STAND_INS:
            client(service).meta.events.register(f"before-call.{_id(service)}", found.heard)
        yield found
        for service in STAND_INS:
            client(service).meta.events.unregister(f"before-call.{_id(service)}", found.heard)


def _id(service: str) -> str:
    """How botocore's events call a service."""
    found: str = client(service).meta.service_model.service_id.hyphenize()
    return found


@pytest.fixture
def local(lab: Lab) -> Lab:
    """The same on the local AWS."""
    lab.account = replace(lab.account, is_local=True)
    return lab


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mlstack`; gives its exit code and what it wrote."""

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        code = 0
        try:
            command.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capsys.readouterr()
        return code, written.out, written.err

    return ran


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of pictures, for each of two channels."""
    train = ("train/compost/1.jpg", "train/compost/2.jpg", "train/landfill/2.png", "train/landfill/3.png")
    for place in (*train, "test/landfill/4.png"):
        file = tmp_path / "waste" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((JPEG if place.endswith("jpg") else PNG) + place.encode())
    return tmp_path / "waste"


def put(bucket: str, key: str, body: bytes | str = b"x") -> None:
    """Put an object."""
    client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def keys(bucket: str) -> list[str]:
    """What lies in a bucket."""
    return [one["Key"] for one in client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]
