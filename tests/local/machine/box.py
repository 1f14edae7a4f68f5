"""A workstation as the project deploys one, in a stack without the CDK, and questions to it."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from tests.local.ec2.looking import described
from tests.local.ec2.machine import NETWORK, OUTPUTS, Wish, belts, workstation
from tests.local.patience import eventually
from tests.local.stacks import Template

REGION, PARAMETER = "us-east-1", "/mlstack/sandbox/workstations/gpu"
MACHINES = ROOT / "machines"
HOUR_S = 3600
WAITED_FOR = {"ResourceSignal": {"Count": 1, "Timeout": "PT2M"}}


def bundle() -> bytes:
    """What the stack would put into its bucket."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in ("shared", "workstation"):
            for path in sorted((MACHINES / part).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(MACHINES))
    return data.getvalue()


def boot_script(stack: str) -> str:
    """The user data of a workstation in this stack."""
    text = (MACHINES / "workstation/bootstrap.sh").read_text(encoding="utf-8")
    for name, value in (("REGION", REGION), ("PARAMETER", PARAMETER), ("STACK", stack), ("RESOURCE", "Machine")):
        text = text.replace(f"@{name}@", value)
    return text


def alarm(name: str) -> Template:
    """The belt that stops a machine of which nothing is heard."""
    belt = belts(45, "22:00")["Alarm"]
    return {**belt, "Properties": {**belt["Properties"], "AlarmName": name}}


@dataclass(frozen=True)
class Box:
    """One that has been deployed."""

    aws: LocalAws
    stack: str
    id: str

    @property
    def folder(self) -> Path:
        """What it takes for / and more."""
        return self.aws.folder / "machines" / self.id

    @property
    def log(self) -> str:
        """What happened on it."""
        return (self.folder / "machine.log").read_text(encoding="utf-8")

    @property
    def state(self) -> str:
        """As EC2 tells it."""
        return str(self.said["State"]["Name"])

    @property
    def said(self) -> dict[str, Any]:
        """What EC2 tells of it."""
        return described(self.aws.client("ec2"), self.id)

    @property
    def machine(self) -> dict[str, Any]:
        """What is told of what stands behind it."""
        return {**self.aws.machines()[self.id]}

    @property
    def alarm(self) -> dict[str, Any]:
        """The belt."""
        [found] = self.aws.client("cloudwatch").describe_alarms(AlarmNames=[self.stack])["MetricAlarms"]
        return dict(found)

    @property
    def looks(self) -> int:
        """How often its agent looked."""
        return self.log.count("idle for")

    def becomes(self, state: str) -> bool:
        """Whether EC2 comes to tell this state."""
        return eventually(lambda: self.state == state, within_s=30)

    def is_up(self) -> bool:
        """Whether it has booted."""
        return bool(eventually(lambda: self.machine["state"] == "running", within_s=30))

    def start(self) -> None:
        """Start it again, and wait until it has booted."""
        self.aws.client("ec2").start_instances(InstanceIds=[self.id])
        assert self.is_up()

    def looks_again(self, times: int = 1) -> None:
        """Let a minute pass on it so often, and wait until its agent has looked each time."""
        for _ in range(times):
            before = self.looks
            self.aws.machines(self.id, pass_seconds=60)
            eventually(lambda before=before: self.looks > before, within_s=30)  # type: ignore[misc]

    def close(self) -> None:
        """Delete its stack."""
        self.aws.client("cloudformation").delete_stack(StackName=self.stack)


def deploy(aws: LocalAws, *, at_shutdown: str = "stop", gpu: bool = True, instance_type: str = "g4dn.xlarge") -> Box:
    """Deploy one, as the project does: made when it has signalled."""
    name, s3 = f"test-{uuid4().hex[:8]}", aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="bundle.zip", Body=bundle())
    settings = {
        "workstation": "gpu",
        "stage": "sandbox",
        "region": REGION,
        "bundle": {"bucket": name, "key": "bundle.zip"},
        "own": {"bucket": name, "key": "bundle.zip"},
        "idle_minutes": 30,
        "max_hours": 12,
        "keep_awake_hours": 8,
        "on_idle": at_shutdown,
        "login": "ubuntu",
        "python": "/opt/pytorch/bin/python",
        "gpu": gpu,
        "jupyter": True,
    }
    aws.client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=json.dumps(settings), Overwrite=True)
    wish = Wish(script=boot_script(name), at_shutdown=at_shutdown, policy=WAITED_FOR, instance_type=instance_type)
    resources = {**NETWORK, **workstation(wish), "Belt": alarm(name)}
    template = json.dumps({"Resources": resources, "Outputs": OUTPUTS})
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template)
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    found = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    assert stack["StackStatus"] == "CREATE_COMPLETE", cloudformation.describe_stack_events(StackName=name)
    return Box(aws, name, found["Machine"])
