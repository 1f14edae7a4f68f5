"""Every flavour, system and processor, on both markets, pinned and followed, through every validator."""

import json
from collections.abc import Iterator

import aws_cdk as cdk
import pytest

from catalogue import dlami
from catalogue.dlami import Line
from checks import machine_scripts, shell, templates
from mlstack.assembly import Assembly, Stack
from stacks import config
from stacks.aws_solutions import AwsSolutions
from stacks.components.log_retention import LOG_RETENTION
from stacks.components.retention import Retention
from stacks.foundation.network import NetworkStack, NetworkStackProps
from stacks.foundation.storage import StorageStack, StorageStackProps
from stacks.frameworks.workstations import WorkstationsStack, WorkstationsStackProps
from stacks.retention_rule import RetentionRule
from stacks.workstation_settings import Workstation
from tests.templates.synthesis import FLAGS, document

PINNED = "ami-0123456789abcdef0"
TYPES = {"x86_64": "g5.xlarge", "arm64": "g5g.xlarge"}
LINES = sorted(
    {dlami.line(one.flavour, one.system, one.processor) for one in dlami.lines()}, key=lambda line: line.parameter
)
"""The newest of each."""
WAYS = [
    ("on-demand", "latest", "stop"),
    ("on-demand", PINNED, "terminate"),
    ("spot", "latest", "terminate"),
    ("spot", PINNED, "stop"),
]
TAGS = {
    "project": "mlstack",
    "stage": "matrix",
    "owner": "a",
    "cost-centre": "b",
    "expiry": "14d",
    "layer": "frameworks",
}


def name_of(line: Line) -> str:
    return (
        "-".join(("m", line.flavour, line.version or "0", line.system, line.processor))
        .replace(".", "-")
        .replace("_", "-")
    )


def settings_of(line: Line) -> Iterator[tuple[str, Workstation]]:
    """The line on every market, followed and pinned, stopped and terminated."""
    for number, (market, image, on_idle) in enumerate(WAYS):
        yield (
            f"way-{number}",
            Workstation(
                flavour=line.flavour,
                os=line.system,
                framework_version=line.version or None,
                instance_type=TYPES[line.processor],
                market=market,  # type: ignore[arg-type]  # one of the two
                image=image,
                on_idle=on_idle,  # type: ignore[arg-type]  # one of the two
                zone=1 + number % 2,
                ssh_key="mine" if number % 3 == 0 else None,
                daily_stop="never" if number % 4 == 0 else "22:00",
            ),
        )


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """A stack for each line, all in one app, which two rule packs check as it is synthesized."""
    folder = tmp_path_factory.mktemp("matrix")
    app = cdk.App(context=FLAGS, outdir=str(folder))
    env = cdk.Environment(region="us-east-1")
    logs = LOG_RETENTION[7]
    plain = config.parse(document("sandbox", {}), source="matrix")
    network = NetworkStack(app, "Network", NetworkStackProps(log_retention=logs, settings=plain.network), env=env)
    storage = StorageStack(
        app, "Storage", StorageStackProps(retention=Retention.EPHEMERAL, settings=plain.storage), env=env
    )
    for line in LINES:
        props = WorkstationsStackProps(
            stage="matrix",
            vpc=network.vpc,
            read=(storage.media,),
            write=(storage.models,),
            tags=TAGS,
            retention=Retention.EPHEMERAL,
            log_retention=logs,
            settings=dict(settings_of(line)),
        )
        WorkstationsStack(app, name_of(line), props, env=env)
    cdk.Validations.of(app).add_plugins(RetentionRule(Retention.EPHEMERAL), AwsSolutions(app))
    app.synth()
    return Assembly.read(folder)


def stack_of(assembly: Assembly, line: Line) -> Stack:
    """One line's stack."""
    [found] = [stack for stack in assembly.stacks if stack.name == name_of(line)]
    return found


@pytest.mark.parametrize("line", LINES, ids=name_of)
def test_every_image_on_every_market_passes_every_validator(assembly: Assembly, line: Line) -> None:
    stack = stack_of(assembly, line)
    launched = [body["Properties"]["LaunchTemplateData"] for body in stack.of_type("AWS::EC2::LaunchTemplate").values()]

    assert templates.lint((stack.name, "us-east-1", json.dumps(stack.template))) == []
    assert {one["ImageId"] for one in launched} == {PINNED, f"resolve:ssm:{line.parameter}"}
    assert len(stack.of_type("AWS::EC2::Instance")) == len(WAYS)


def test_every_script_of_the_matrix_is_clean(assembly: Assembly) -> None:
    scripts = list(machine_scripts.embedded(assembly))

    assert [one for one in scripts if one.fault] == []
    assert len(scripts) == len(LINES) * len(WAYS)
    some = scripts[:: len(WAYS)]  # a line's scripts differ in their names alone
    assert shell.lint([shell.Script(one.place, one.script) for one in some]) == []
