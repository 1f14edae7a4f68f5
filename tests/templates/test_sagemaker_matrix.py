"""Every kind of endpoint and every option of the notebook, each in a stack of its own, through every validator."""

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest

from checks import machine_scripts, shell, templates
from checks.embedded import Embedded
from mlstack.assembly import Assembly, Stack
from stacks import config
from stacks.aws_solutions import AwsSolutions
from stacks.components.log_retention import LOG_RETENTION
from stacks.components.retention import Retention
from stacks.config import Profile
from stacks.foundation.network import NetworkStack, NetworkStackProps
from stacks.ml_services.endpoints import EndpointsStack, EndpointsStackProps
from stacks.ml_services.notebook import NotebookStack, NotebookStackProps
from stacks.ml_services.serving_image import ServingImage
from stacks.retention_rule import RetentionRule
from stacks.sagemaker_rules.plugin import SageMakerRules
from tests.templates.synthesis import FLAGS, document

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/inference"
OWN = {"network": "own", "subnet": "subnet-0123456789abcdef0", "security_groups": ["sg-0123456789abcdef0"]}
NOTEBOOKS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "gpu": {"instance_type": "ml.g4dn.xlarge", "volume_gb": 200, "idle_minutes": 15, "max_hours": 168},
    "root": {"root_access": True, "name_prefix": "Lab-7"},
    "stage-network": {"network": "stage"},
    "stage-network-zone-2-without-internet": {"network": "stage", "zone": 2, "direct_internet": False},
    "own-network": OWN,
    "own-network-without-internet": {**OWN, "direct_internet": False},
    "key": {"kms_key": KEY},
    "role": {"role": "arn:aws:iam::111122223333:role/mine"},
    "one-repository": {"repositories": ["https://example.com/a"]},
    "four-repositories": {"repositories": ["mine", *(f"https://example.com/{name}" for name in "abc")]},
    "own-scripts": {"on_create": "scripts/own.sh", "on_start": "scripts/own.sh"},
    "tags": {"tags": {"team": "vision", "purpose": "a try"}},
}
GPU = {"model": "s3://models/m.tar.gz", "image": "triton-gpu", "instance_type": "ml.g5.xlarge"}
ENDPOINTS: Mapping[str, Mapping[str, Any]] = {
    "serverless": {"serverless": {"a": {}}},
    "serverless-largest": {"serverless": {"a": {"memory_mb": 6144, "max_concurrency": 200}}},
    "serverless-algorithm": {"serverless": {"a": {"image": "linear-learner", "model": "s3://models/m.tar.gz"}}},
    "asynchronous": {"asynchronous": {"a": {}}},
    "asynchronous-gpu-notified": {"asynchronous": {"a": {**GPU, "notify": True, "max_instances": 5}}},
    "asynchronous-vpc": {"asynchronous": {"a": {"vpc": True, "network_isolation": True, "kms_key": KEY}}},
    "asynchronous-slow-change": {"asynchronous": {"a": {"deployment": {"keep_minutes": 30, "latency_ms": 900}}}},
    "realtime": {"realtime": {"a": {}}},
    "realtime-gpu": {"realtime": {"a": {**GPU, "copy_accelerators": 1, "max_instances": 2}}},
    "realtime-many": {"realtime": {"a": {"max_copies": 20, "max_instances": 10, "vpc": True}}},
    "classic": {"classic": {"a": {}}},
    "classic-linear": {"classic": {"a": {"deployment": {"traffic": "linear", "step_percent": 50}}}},
    "classic-rolling": {"classic": {"a": {"deployment": {"traffic": "rolling", "step_percent": 50}}}},
    "classic-at-once": {"classic": {"a": {"deployment": {"traffic": "all_at_once", "latency_ms": 100}}}},
    "classic-captured": {"classic": {"a": {"capture": {"percent": 1, "days": 365}}}},
    "classic-own-image": {"classic": {"a": {"image": f"{IMAGE}:1", "model": "none", "vpc": True, "kms_key": KEY}}},
    "classic-largest": {"classic": {"a": {"min_instances": 100, "max_instances": 100}}},
    "all": {
        kind: {name: {}}
        for kind, name in zip(("serverless", "asynchronous", "realtime", "classic"), "abcd", strict=True)
    },
}
CASES = [*(f"notebook-{name}" for name in NOTEBOOKS), *(f"endpoints-{name}" for name in ENDPOINTS)]


def profile(changes: Mapping[str, Mapping[str, Any]]) -> Profile:
    """The sandbox with changes, and the endpoints that a notebook without internet needs."""
    reached = {"interface_endpoints": ["sagemaker.api", "monitoring"]}
    return config.parse(document("sandbox", {"network": reached, **changes}), source="matrix")


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Every case in one app, which three rule packs check as it is synthesized."""
    folder = tmp_path_factory.mktemp("matrix")
    own = folder / "own.sh"
    own.write_text("#!/bin/bash\necho ready\n", encoding="utf-8")
    app = cdk.App(context=FLAGS, outdir=str(folder / "out"))
    env = cdk.Environment(region="us-east-1")
    logs = LOG_RETENTION[7]
    network = NetworkStack(app, "Network", NetworkStackProps(log_retention=logs, settings=profile({}).network), env=env)
    for name, changes in NOTEBOOKS.items():
        paths = {key: str(own) for key in ("on_create", "on_start") if key in changes}
        settings = profile({"notebook": {"enabled": True, **changes, **paths}}).notebook
        notebook = NotebookStackProps(
            stage="matrix", vpc=network.vpc, read=(), write=(), log_retention=logs, settings=settings
        )
        NotebookStack(app, f"notebook-{name}", notebook, env=env)
    image = ServingImage(uri=f"{IMAGE}:1", repository_arn="arn:aws:ecr:us-east-1:111122223333:repository/inference")
    for name, kinds in ENDPOINTS.items():
        endpoints = EndpointsStackProps(
            stage="matrix",
            inference_image=image,
            vpc=network.vpc,
            retention=Retention.EPHEMERAL,
            log_retention=logs,
            settings=profile({"endpoints": {"serverless": {}, **kinds}}).endpoints,
        )
        EndpointsStack(app, f"endpoints-{name}", endpoints, env=env)
    cdk.Validations.of(app).add_plugins(RetentionRule(Retention.EPHEMERAL), SageMakerRules(), AwsSolutions(app))
    app.synth()
    return Assembly.read(folder / "out")


@pytest.fixture(scope="module")
def scripts(assembly: Assembly) -> list[Embedded]:
    """Every script that lands on a machine."""
    return list(machine_scripts.embedded(assembly))


def stack_of(assembly: Assembly, name: str) -> Stack:
    """One case's stack."""
    [found] = [stack for stack in assembly.stacks if stack.name == name]
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_profile_of_the_matrix_passes_every_validator(assembly: Assembly, case: str) -> None:
    stack = stack_of(assembly, case)

    assert templates.lint((stack.name, "us-east-1", json.dumps(stack.template))) == []
    assert "AmazonSageMakerFullAccess" not in json.dumps(stack.template)


def test_every_script_of_the_matrix_is_clean(scripts: list[Embedded]) -> None:
    assert [one for one in scripts if one.fault] == []
    assert len(scripts) == len(NOTEBOOKS) + 1  # one creates as well
    assert shell.lint([shell.Script(one.place, one.script) for one in scripts if one.script]) == []


def test_every_case_is_a_stack_of_its_own(assembly: Assembly) -> None:
    assert {stack.name for stack in assembly.stacks} == {"Network", *CASES}
