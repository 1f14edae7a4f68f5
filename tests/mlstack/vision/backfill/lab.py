"""A stage with a backfill in moto, and the commands run in process."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import boto3
import click
import pytest

from mlstack.account import Account
from mlstack.vision.backfill.command import backfill
from mlstack.vision.backfill.manage import backfills

RESULTS, MEDIA = "results", "media"
ROUTES = {"photos/": ["labels", "faces"], "photos/people/": ["people"], "text/": ["text"]}
DONE = {"Type": "Pass", "End": True}
FAILED = {"Type": "Fail", "Error": "ComeAgainError", "Cause": "later"}
HOSTILE = (
    "photos/a b+c%20d&e=f.jpg",
    "photos/line\nbreak\tand\x01control.jpg",
    "photos/quotes\"and'back\\slash.jpg",
    "photos/\N{CAT FACE} ü 東京.jpg",
    f"photos/{'x' * 1017}",
)


def definition(child: dict[str, Any]) -> str:
    """The stage's Map in the words that moto's interpreter has, with one state in the function's place."""
    return json.dumps(
        {
            "StartAt": "Batches",
            "States": {
                "Batches": {
                    "Type": "Map",
                    "ItemReader": {
                        "Resource": "arn:aws:states:::s3:getObject",
                        "ReaderConfig": {"InputType": "JSON"},
                        "Parameters": {"Bucket": RESULTS, "Key.$": "$.manifest"},
                    },
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        "StartAt": "Analyse",
                        "States": {"Analyse": child},
                    },
                    "ToleratedFailurePercentage": 100.0,
                    "ResultPath": None,
                    "End": True,
                }
            },
        }
    )


@cache
def client(service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients' types at run time)
    """A client that all labs share, because making one takes longer than a test; moto forgets everything in between."""
    return boto3.client(cast("Any", service))


class Lab:
    """The stage, and a tap on every call that the commands make."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, child: dict[str, Any] | None = None) -> None:
        self.monkeypatch = monkeypatch
        self.s3 = client("s3")
        self.machines = client("stepfunctions")
        for bucket in (MEDIA, RESULTS, "elsewhere", "archive"):
            self.s3.create_bucket(Bucket=bucket)
        machine = self.machines.create_state_machine(
            name="backfill", definition=definition(child or DONE), roleArn="arn:aws:iam::123456789012:role/backfill"
        )
        self.machine = machine["stateMachineArn"]
        self.outputs = {
            "MediaBucketName": MEDIA,
            "ResultsBucketName": RESULTS,
            "BackfillStateMachineArn": self.machine,
            "Routes": json.dumps(ROUTES),
            "BackfillBuckets": '["archive"]',
            "CallsPerSecond": json.dumps({"labels": 5, "faces": 25, "people": 5, "text": 5}),
        }
        clients = {"s3": self.s3, "stepfunctions": self.machines}
        account = Account(shown="the lab", is_local=True, client=clients.__getitem__)
        monkeypatch.setattr("mlstack.target.account.choose", lambda *_: account)
        monkeypatch.setattr("mlstack.target.deployment.outputs", lambda *_: self.outputs)
        monkeypatch.setattr("mlstack.vision.backfill.follow.POLL_S", 0.02)
        real = self.machines.list_map_runs
        monkeypatch.setattr(self.machines, "list_map_runs", lambda **asked: patient(real, asked))
        self.terminal(answers=None)

    def terminal(self, *, answers: str | None) -> None:
        """Give the commands a terminal on which a person answers, or none."""
        self.monkeypatch.setattr("sys.stdin", Terminal(answers))

    def put(self, *keys: str, bucket: str = MEDIA, body: bytes = b"x") -> None:
        """Put objects of one content."""
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def run(self, *arguments: str) -> int:
        """The exit code of `mlstack vision ...`; what its user did wrong is raised."""
        try:
            group.main(args=list(arguments), standalone_mode=False)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 2
        return 0

    def left(self) -> list[str]:
        """What lies in the results bucket, unfinished uploads too, but for the interpreter's own."""
        found = self.s3.list_objects_v2(Bucket=RESULTS).get("Contents", ())
        unfinished = self.s3.list_multipart_uploads(Bucket=RESULTS).get("Uploads", ())
        return [one["Key"] for one in (*found, *unfinished)]

    def executions(self) -> list[dict[str, Any]]:
        """The runs, newest first, each as Step Functions describes it, with its input read."""
        listed = self.machines.list_executions(stateMachineArn=self.machine)["executions"]
        told = [self.machines.describe_execution(executionArn=one["executionArn"]) for one in listed]
        return [{**one, "input": json.loads(one["input"])} for one in told]

    def manifest(self) -> list[dict[str, Any]]:
        """The batches of the only manifest."""
        [key] = [key for key in self.left() if key.endswith("/manifest.json")]
        batches: list[dict[str, Any]] = json.loads(self.s3.get_object(Bucket=RESULTS, Key=key)["Body"].read())
        return batches

    def objects(self) -> list[dict[str, Any]]:
        """The objects of the only manifest."""
        return [one for batch in self.manifest() for one in batch["objects"]]

    def fail(self, client: Any, operation: str, error: BaseException, *, after: int = 0) -> None:  # noqa: ANN401
        """Make an operation of a client fail from its ``after``-th call on."""
        real, calls = getattr(client, operation), iter(range(10_000))

        def failing(**parameters: Any) -> Any:  # noqa: ANN401 (it stands for any operation)
            if next(calls) >= after:
                raise error
            return real(**parameters)

        self.monkeypatch.setattr(client, operation, failing)


def patient(list_map_runs: Callable[..., Any], asked: dict[str, Any]) -> Any:  # noqa: ANN401 (Step Functions' answer)
    """The Map Runs of an execution; none where moto's interpreter has not begun, which it has no words for."""
    try:
        return list_map_runs(**asked)
    except AttributeError:
        return {"mapRuns": []}


class Terminal:
    """A person's keyboard; none where there are no answers."""

    def __init__(self, answers: str | None) -> None:
        self._answers = (answers or "").splitlines(keepends=True)
        self._there = answers is not None

    def isatty(self) -> bool:
        """Whether someone sits there."""
        return self._there

    def readline(self, _size: int = -1) -> str:
        """The next answer."""
        return self._answers.pop(0) if self._answers else ""


@click.group()
def group() -> None:
    """Stand for `mlstack vision`."""


group.add_command(backfill)
group.add_command(backfills)
