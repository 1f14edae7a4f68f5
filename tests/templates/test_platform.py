"""The stage: every stack can be left out alone, and two synths are byte-equal."""

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.assembly import Stack
from tests.templates.synthesis import ROOT, Synthesize, Synthesized

STACKS = {
    "network": {"Network"},
    "storage": {"Storage"},
    "vision": {"Vision"},
    "endpoints": {"Endpoints", "Images"},
}
"""By the table of the profile that asks for them."""
UNTRAINED = {"training": {"enabled": False}}
"""Training stands on buckets and images; it has tests of its own."""
KEPT = ("PATH", "JSII_NODE", "JSII_RUNTIME_PACKAGE_CACHE_ROOT", "CDK_VALIDATION")


def test_the_sandbox_has_every_stack_in_the_order_of_its_layers(sandbox: Synthesized) -> None:
    names = [stack.name for stack in sandbox.assembly.stacks]

    ordered = ("Images", "Network", "Storage", "Training", "Vision", "Endpoints")
    assert names == [f"mlstack-sandbox-{name}" for name in ordered]


@pytest.mark.parametrize("left_out", STACKS)
@pytest.mark.parametrize("profile", ["sandbox", "production"])
def test_every_stack_can_be_left_out_alone(synthesize: Synthesize, profile: str, left_out: str) -> None:
    synthesized = synthesize(profile, {left_out: {"enabled": False}, **UNTRAINED})

    assert set(synthesized.stacks) == set().union(*STACKS.values()) - STACKS[left_out]


@pytest.mark.parametrize("alone", STACKS)
def test_every_stack_can_stand_alone(synthesize: Synthesize, alone: str) -> None:
    others = {name: {"enabled": False} for name in STACKS if name != alone} | UNTRAINED

    assert set(synthesize("sandbox", others).stacks) == STACKS[alone]


def test_a_notebook_can_stand_alone(synthesize: Synthesize) -> None:
    alone = {name: {"enabled": False} for name in STACKS} | UNTRAINED | {"notebook": {"enabled": True}}

    assert set(synthesize("sandbox", alone).stacks) == {"Notebook"}


def test_workstations_stand_on_a_network_alone(synthesize: Synthesize) -> None:
    others = {name: {"enabled": False} for name in STACKS if name != "network"} | UNTRAINED

    assert set(synthesize("sandbox", others | {"workstations": {"gpu": {}}}).stacks) == {"Network", "Workstations"}


def test_a_service_on_ecs_stands_on_a_network_and_images_alone(synthesize: Synthesize) -> None:
    others = {name: {"enabled": False} for name in STACKS if name != "network"} | UNTRAINED

    assert set(synthesize("sandbox", others | {"ecs": {"services": {"x": {}}}}).stacks) == {"Network", "Images", "Ecs"}


def test_training_on_ecs_stands_on_a_network_images_and_buckets_alone(synthesize: Synthesize) -> None:
    others = {name: {"enabled": False} for name in STACKS if name not in {"network", "storage"}} | UNTRAINED
    made = synthesize("sandbox", others | {"ecs": {"training": {"enabled": True}}})

    assert set(made.stacks) == {"Network", "Storage", "Images", "Ecs"}
    assert {name for name in made.stacks["Images"].template["Outputs"] if name.endswith("ImageUri")} == {
        "TrainingImageUri"
    }


def test_training_stands_on_buckets_and_images_alone(synthesize: Synthesize) -> None:
    others = {name: {"enabled": False} for name in STACKS if name != "storage"}

    assert set(synthesize("sandbox", others).stacks) == {"Images", "Storage", "Training"}


def test_a_profile_with_an_account_can_only_be_deployed_there(synthesize: Synthesize) -> None:
    pinned = synthesize("sandbox", {"stage": {"account": "111122223333", "region": "eu-west-1"}})

    assert {stack.environment for stack in pinned.assembly.stacks} == {"aws://111122223333/eu-west-1"}


def handlers(stack: Stack) -> list[tuple[str, Path]]:
    """Each Python handler of a stack with the folder of its deployed code."""
    assets = json.loads(
        stack.template_path.with_name(f"{stack.template_path.stem.split('.')[0]}.assets.json").read_text()
    )
    sources = {name: stack.template_path.parent / file["source"]["path"] for name, file in assets["files"].items()}
    return [
        (properties["Handler"], sources[properties["Code"]["S3Key"].removesuffix(".zip")])
        for properties in (function["Properties"] for function in stack.of_type("AWS::Lambda::Function").values())
        if properties["Runtime"].startswith("python")
    ]


def deployed(profile: Synthesized) -> list[tuple[str, Path]]:
    """Every Python handler of a profile with the folder of its deployed code."""
    return [found for stack in profile.assembly.stacks for found in handlers(stack)]


@pytest.fixture(scope="module")
def handled(production: Synthesized, team: Synthesized, synthesize: Synthesize) -> list[tuple[str, Path]]:
    """Every Python handler of stages that have everything between them, once each."""
    inside = synthesize(
        "sandbox",
        {
            "vision": {"enabled": False},
            "endpoints": {"realtime": {"a": {"vpc": True}}},
            "workstations": {"a": {"market": "spot"}},
        },
    )
    return list(dict([*deployed(team), *deployed(inside), *deployed(production)]).items())


def test_every_handler_imports_from_its_own_zip_without_any_environment(handled: list[tuple[str, Path]]) -> None:
    for handler, folder in handled:
        module, _, function = handler.rpartition(".")
        script = f"import {module} as module; assert callable(module.{function})"

        outcome = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

        assert outcome.returncode == 0, outcome.stderr


def test_the_handler_string_is_the_import_path_in_the_tests(handled: list[tuple[str, Path]]) -> None:
    for handler, _ in handled:
        module, _, function = handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


def test_every_function_package_is_deployed_with_nothing_beside_it(handled: list[tuple[str, Path]]) -> None:
    packages = {path.name for path in (ROOT / "lambda").iterdir() if (path / "handler.py").exists()}

    assert {handler.partition(".")[0] for handler, _ in handled} == packages
    for handler, folder in handled:
        package = handler.partition(".")[0]
        beside = {"shared", "catalogue"} if package == "training_request" else {"shared"}
        assert {path.name for path in folder.iterdir()} <= {package, *beside}
        assert not list(folder.rglob("__pycache__"))


def digest(folder: Path) -> dict[str, str]:
    """The content of every template and asset of an assembly."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (path.name.endswith(".template.json") or "asset." in str(path.relative_to(folder)))
    }


def test_two_synths_are_byte_equal_from_elsewhere_with_another_home_time_zone_and_locale(tmp_path: Path) -> None:
    def synth(name: str, root: Path, **environment: str) -> dict[str, str]:
        out = tmp_path / name
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        subprocess.run(
            [sys.executable, str(root / "app.py")],
            cwd=tmp_path,
            env=kept | environment | {"CDK_OUTDIR": str(out)},
            check=True,
            capture_output=True,
        )
        return digest(out)

    copy = tmp_path / "a copy elsewhere"
    copy.mkdir()
    for name in ("app.py", "cdk.json", "config", "containers", "lambda", "machines", "stacks"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy(source, copy / name)

    here = synth("here", ROOT, HOME=str(tmp_path), TZ="UTC", LANG="C.UTF-8", PYTHONHASHSEED="1")
    there = synth("there", copy, HOME=str(copy), TZ="Asia/Kathmandu", LC_ALL="POSIX", PYTHONHASHSEED="2")

    assert here
    assert here == there
