"""A stage with an endpoint of each kind: SageMaker on the wire, S3 in moto."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from mlstack import account, command, deployment
from mlstack.endpoint.command import endpoint, predict
from tests.mlstack.wire import Clock, Spoken, Wire, client, said, wired

BUCKET = "requests-and-answers"
NAMES = {"fast": "serverless", "slow": "asynchronous", "waste-sorter": "realtime", "steady": "classic"}
JPEG = b"\xff\xd8\xff\xe0 and so on"
PNG = b"\x89PNG\r\n\x1a\n and so on"
COMPOST = {"predictions": [{"label": "compost", "score": 0.9}, {"label": "paper", "score": 0.1}]}
Run = Callable[..., tuple[int, str, str]]


def pascal(name: str) -> str:
    return "".join(word.title() for word in name.split("-"))


def outputs(names: dict[str, str]) -> dict[str, str]:
    """What the stack of such endpoints gives out."""
    found = {"Unrelated": "x"}
    for name, kind in names.items():
        found |= {
            f"{pascal(name)}EndpointName": f"mlstack-sandbox-{name}",
            f"{pascal(name)}Kind": kind,
            f"{pascal(name)}IdlePrice": "$0.00 a month",
            f"{pascal(name)}Name": name,
        }
        if kind == "asynchronous":
            found |= {
                f"{pascal(name)}Requests": f"s3://{BUCKET}/requests/{name}/",
                f"{pascal(name)}Answers": f"s3://{BUCKET}/answers/{name}/",
            }
    return found


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test waits."""
    return Clock(monkeypatch)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The stage, whose answers the test writes; every endpoint is in service and sees compost."""
    wire = Wire()
    wire.answer("ListEndpoints", said(Endpoints=[]))
    wire.answer("DescribeEndpoint", described())
    wire.answer("InvokeEndpoint", answered(COMPOST))
    monkeypatch.setitem(command.mlstack.commands, "endpoint", endpoint)
    monkeypatch.setitem(command.mlstack.commands, "predict", predict)
    monkeypatch.setattr(deployment, "outputs", lambda *_: outputs(NAMES))
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        for found in wired(wire, ("sagemaker", "sagemaker-runtime")):
            monkeypatch.setattr(account, "choose", lambda *_, found=found: found)
            yield wire


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mlstack`; gives its exit code, and what it wrote."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            command.main(list(arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A JPEG whose name says that it is something else."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(JPEG)
    return "photo.png"


def answered(body: object, content_type: str = "application/json") -> Spoken:
    """What a container answers."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Spoken(raw, headers={"Content-Type": content_type})


def described(status: str = "InService", **more: object) -> Spoken:
    """What DescribeEndpoint answers."""
    return said(
        EndpointStatus=status,
        LastModifiedTime=1_790_000_000,
        **{"ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 1, "DesiredInstanceCount": 2}]}
        | more,
    )
