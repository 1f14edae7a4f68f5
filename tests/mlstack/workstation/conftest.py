"""A stage with workstations in moto, whose machines and answers a test may change while a command waits."""

import json
import os
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
from moto.ec2.models import amis, ec2_backends
from moto.ec2.models.instances import Instance, InstanceState, StateReason

from mlstack import account, command
from mlstack.account import Account
from mlstack.workstation.command import workstation
from tests.mlstack.wire import Clock, Raw, client
from tests.mlstack.workstation.tools import Tools

IMAGE = "ami-12c6146b"
SETTINGS = {
    "workstation": "trainer",
    "stage": "sandbox",
    "region": "us-east-1",
    "idle_minutes": 30,
    "max_hours": 12,
    "keep_awake_hours": 8,
    "on_idle": "stop",
    "login": "ubuntu",
    "jupyter": True,
    "image": IMAGE,
    "instance_type": "g5.xlarge",
    "market": "on-demand",
    "volume_gb": 125,
    "edition": 1,
    "daily_stop": "never",
    "time_zone": "UTC",
    "running_price": "$1.20 an hour",
    "stopped_price": "$10.00 a month",
}
DISK = {"VolumeSize": 125, "VolumeType": "gp3"}
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
SERVICES = ("ec2", "ssm", "cloudwatch")
Answer = dict[str, Any] | ClientError | BotoCoreError


def refused(code: str, message: str = "no\nway") -> ClientError:
    """An error of AWS's."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@dataclass
class Stage:
    """The stage's workstations, and what AWS answers instead of moto."""

    account: Account
    answers: dict[str, deque[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    happenings: deque[Callable[[], None]] = field(default_factory=deque)
    """What happens while a command sleeps, one at each sleep."""

    def put(self, name: str = "trainer", text: str | None = None, **changed: object) -> None:
        """Say what a workstation is."""
        client("ssm").put_parameter(
            Name=f"/mlstack/sandbox/workstations/{name}",
            Value=json.dumps(SETTINGS | changed) if text is None else text,
            Type="String",
            Overwrite=True,
        )

    def launch(self, name: str = "trainer", *, stage: str = "sandbox", state: str = "running", **more: Any) -> str:  # noqa: ANN401
        """Launch a machine for it."""
        tags = {"project": "mlstack", "stage": stage, "workstation": name} | more.pop("tags", {})
        run = client("ec2").run_instances(
            ImageId=IMAGE,
            InstanceType="g5.xlarge",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": more.pop("disk", DISK)}],
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
            ],
            **more,
        )
        found: str = run["Instances"][0]["InstanceId"]
        self.set(found, state)
        return found

    def machine(self, machine: str) -> Instance:
        """What moto keeps of a machine."""
        found: Instance = ec2_backends["123456789012"]["us-east-1"].get_instance(machine)
        return found

    def set(self, machine: str, state: str, code: str = "", reason: str = "", ago: timedelta | None = None) -> None:
        """Bring it into a state, launched so long ago."""
        kept = self.machine(machine)
        kept._state = InstanceState(state, CODES[state])  # noqa: SLF001 (moto changes states at once)
        kept.state_reason = StateReason(reason, code)
        if ago is not None:
            kept.launch_time = datetime.now(UTC) - ago

    def spot(self, machine: str, kind: str | None, status: str = "fulfilled") -> None:
        """Make it a Spot machine of that kind of request; None for one that EC2 has forgotten."""
        vars(self.machine(machine)).update(instance_lifecycle="spot", spot_instance_request_id="sir-1")
        requests = [] if kind is None else [{"Type": kind, "Status": {"Code": status}}]
        self.answer("DescribeSpotInstanceRequests", {"SpotInstanceRequests": requests})

    def answer(self, operation: str, *answers: Answer) -> None:
        """Answer an operation with these, one after the other, and the last for ever."""
        self.answers[operation] = deque(answers)

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """What an operation was asked for."""
        return [asked for name, asked in self.asked if name == operation]

    def heard(self, params: dict[str, Any], model: Any, **_: object) -> tuple[AWSResponse, Mapping[str, Any]] | None:  # noqa: ANN401
        """Stand in for AWS where the test says so."""
        self.asked.append((model.name, params["body"]))
        if model.name not in self.answers:
            return None
        answers = self.answers[model.name]
        found = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(found, BotoCoreError):
            raise found
        status, said = (400, found.response) if isinstance(found, ClientError) else (200, found)
        return AWSResponse("https://x", status, HTTPHeaders(), Raw()), {"ResponseMetadata": {}, **said}

    def tags(self, machine: str) -> dict[str, str]:
        """The tags of a machine."""
        found = client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [machine]}])["Tags"]
        return {tag["Key"]: tag["Value"] for tag in found}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test waits."""
    return Clock(monkeypatch)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Stage]:
    """A real account's stage, without workstations."""
    monkeypatch.setenv("MOTO_AMIS_PATH", "set")  # moto then makes only the images of this list, and not 1,300 a test
    monkeypatch.setattr(amis, "AMIS", [image for image in amis.AMIS if image["ami_id"] == IMAGE])
    with mock_aws():
        found = Stage(Account(shown="account 1", is_local=False, client=client))
        online = {"PingStatus": "Online", "LastPingDateTime": datetime.now(UTC) + timedelta(minutes=1)}
        found.answer("DescribeInstanceInformation", {"InstanceInformationList": [online]})
        monkeypatch.setitem(command.mlstack.commands, "workstation", workstation)
        monkeypatch.setattr(account, "choose", lambda *_: found.account)

        def sleep(seconds: float) -> None:
            clock.sleep(seconds)
            if found.happenings:
                found.happenings.popleft()()

        monkeypatch.setattr("mlstack.patience.sleep", sleep)
        for service in SERVICES:
            client(service).meta.events.register(f"before-call.{service}", found.heard)
        yield found
        for service in SERVICES:
            client(service).meta.events.unregister(f"before-call.{service}", found.heard)


@pytest.fixture
def local(stage: Stage) -> Stage:
    """The same on the local AWS."""
    stage.account = replace(stage.account, is_local=True)
    return stage


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mlstack workstation`; gives its exit code and what it wrote."""

    def ran(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            command.main(["workstation", *arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        written = capsys.readouterr()
        return code, written.out, written.err

    return ran


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """The AWS CLI, its plugin, and a machine that they reach."""
    found = Tools(tmp_path)
    found.install()
    monkeypatch.setenv("PATH", f"{found.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return found
