"""Which images the last synth describes."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from mlstack.account import Account
from mlstack.assembly import Assembly
from mlstack.errors import UserError
from mlstack.image.builds import wanted
from mlstack.image.builds.wanted import assembly_of, images_of, stack_of
from mlstack.target import Target
from tests.mlstack.image.builds.conftest import TAG, template, write

SYNTH = "npx cdk synth --quiet -c profile=PROFILE"


def target(stage: str = "sandbox", *, is_local: bool = True) -> Target:
    """A stage of some account."""
    return Target(Account(shown="the lab", is_local=is_local, client=lambda _: None), stage)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where a deploy to the local AWS writes what it synthesizes, and where `cdk synth` does; nothing lies there."""
    found = tmp_path / ".mlstack", tmp_path / "cdk.out"
    monkeypatch.setattr(wanted, "DEPLOYED", found[0])
    monkeypatch.setattr(wanted, "ASSEMBLY", found[1])
    return found


def aged(folder: Path, seconds: int) -> None:
    """Say when an assembly was written."""
    os.utime(folder / "manifest.json", (seconds, seconds))


@pytest.mark.parametrize("there", [0, 1])
def test_the_one_assembly_that_is_there_is_meant_on_the_local_aws(places: tuple[Path, Path], there: int) -> None:
    write(places[there])

    assert assembly_of(target()) == places[there]


@pytest.mark.parametrize("newer", [0, 1])
def test_the_newer_of_two_assemblies_is_meant(places: tuple[Path, Path], newer: int) -> None:
    for place in places:
        aged(write(place), 100)
    aged(places[newer], 200)

    assert assembly_of(target()) == places[newer]


@pytest.mark.parametrize(("stage", "meant"), [("sandbox", 0), ("team", 1), ("nobodys", 1)])
def test_an_assembly_with_the_stage_is_meant_before_a_newer_one_without(
    places: tuple[Path, Path], stage: str, meant: int
) -> None:
    aged(write(places[0]), 100)
    aged(write(places[1], name="mlstack-team-Images"), 200)

    assert assembly_of(target(stage)) == places[meant]


def test_an_account_is_never_given_what_the_local_aws_deployed(places: tuple[Path, Path]) -> None:
    write(places[0])

    with pytest.raises(UserError, match=f"cdk.out holds no cloud assembly; write it with `{SYNTH}` first"):
        stack_of(assembly_of(target(is_local=False)), target(is_local=False))


def test_without_any_assembly_both_places_are_named(places: tuple[Path, Path]) -> None:
    said = (
        f"neither {places[0]} nor {places[1]} holds a cloud assembly; `mlstack local deploy --profile PROFILE` "
        f"writes the first, `{SYNTH}` the second"
    )

    with pytest.raises(UserError, match=f"^{re.escape(said)}$"):
        assembly_of(target())


def test_an_image_is_known_by_its_output_with_its_project_and_tag(assembly: Path) -> None:
    (found,) = images_of(stack_of(assembly, target()))

    assert (found.name, found.tag, found.needs) == ("inference-arm64", TAG, ("Project", "Repository"))
    assert found.project["Source"]["Type"] == "S3"


def test_without_an_assembly_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"holds no cloud assembly; write it with `{SYNTH}` first"):
        stack_of(tmp_path, target())


def test_an_assembly_of_another_stage_is_said_to_be(assembly: Path) -> None:
    with pytest.raises(UserError, match="was synthesized for sandbox, not for team; say --stage, or synthesize again"):
        stack_of(assembly, target("team"))


def test_a_stage_without_images_is_said_to_have_none(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdk.out", name="mlstack-sandbox-Network")

    with pytest.raises(UserError, match="has no stack mlstack-sandbox-Images: nothing in the stage's profile needs"):
        stack_of(folder, target())


def test_an_assembly_of_somebody_else_is_said_to_be(tmp_path: Path) -> None:
    folder = write(tmp_path / "cdk.out", name="Other")

    with pytest.raises(UserError, match="was synthesized for no stage of ours"):
        stack_of(folder, target())


@pytest.mark.parametrize("project", [{"Ref": "Nowhere"}, "project-1", None])
def test_an_image_whose_project_the_template_lacks_is_refused(tmp_path: Path, project: object) -> None:
    body = template()
    body["Resources"]["Image"]["Properties"]["ProjectName"] = project
    stack = Assembly.read(write(tmp_path / "cdk.out", body=body)).stacks[0]

    with pytest.raises(UserError, match="does not say which project builds inference-arm64"):
        images_of(stack)


@pytest.mark.parametrize("value", ["text", {"Ref": "Image"}, {"Fn::GetAtt": ["Repository", "Arn"]}, None])
def test_an_output_that_is_no_image_is_left_out(tmp_path: Path, value: Any) -> None:  # noqa: ANN401 (whatever it holds)
    body = template()
    body["Outputs"] = {"InferenceImageUri": {"Value": value}}
    stack = Assembly.read(write(tmp_path / "cdk.out", body=body)).stacks[0]

    assert images_of(stack) == ()
