"""The images of a stage on the local AWS, in order: deployed, changed here, built there, listed, and broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstack.image.builds import command as builds
from mlstack.local.aws import LocalAws

STACK = "mlstack-sandbox-Images"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def assembly(deployed: LocalAws, tmp_path: Path) -> Path:
    """What a synth after the deploy may have written; a test may change it."""
    return Path(shutil.copytree(deployed.cdk.assembly, tmp_path / "cdk.out"))


def template(assembly: Path) -> dict[str, Any]:
    """The template of the images."""
    found: dict[str, Any] = json.loads((assembly / f"{STACK}.template.json").read_text())
    return found


def change(assembly: Path, letter: str, dockerfile: str = "") -> str:
    """Change what inference is built from, as an edit and a synth would; the tag that comes of it."""
    output = template(assembly)["Outputs"]["InferenceImageUri"]["Value"]["Fn::GetAtt"][0]
    tag, source = template(assembly)["Resources"][output]["Properties"]["Tag"], ""
    for key, file in json.loads((assembly / f"{STACK}.assets.json").read_text())["files"].items():
        if file["displayName"] == "Inference/Source":
            source = key
    for name in (f"{STACK}.template.json", f"{STACK}.assets.json"):
        before = (assembly / name).read_text()
        (assembly / name).write_text(before.replace(tag, letter * 64).replace(source, letter * 64))
    folder = (assembly / f"asset.{source}").rename(assembly / f"asset.{letter * 64}")
    for name, more in (("Dockerfile", dockerfile), ("inference/__init__.py", f"# {letter}\n")):
        with (folder / name).open("a") as text:
            text.write(more)
    return letter * 64


def test_what_was_deployed_is_there_and_nothing_is_built(run_in_sandbox: Run, assembly: Path) -> None:
    code, written, errors = run_in_sandbox("image", "build", "--assembly", assembly, "--json")

    told = json.loads(written)
    assert code == 0
    assert {"inference", "training"} <= {one["image"] for one in told}
    assert {(one["status"], one["build"]) for one in told} == {("there", None)}
    assert errors.count("is in ECR already, nothing to do") == len(told)


def test_a_changed_image_is_built_in_the_account_once(run_in_sandbox: Run, deployed: LocalAws, assembly: Path) -> None:
    tag = change(assembly, "d")

    code, written, errors = run_in_sandbox("image", "build", "inference", "--assembly", assembly, "--json")
    again = run_in_sandbox("image", "build", "inference", "--assembly", assembly)

    (told,) = json.loads(written)
    assert (code, told["status"], told["tag"]) == (0, "built", tag)
    assert "sent what it is built from" in errors
    assert "  download source" in errors.splitlines()
    assert f"inference: built {told['uri']}; the next deploy takes it" in errors
    assert again[0] == 0
    assert again[2] == f"inference: {tag[:12]} is in ECR already, nothing to do\n"
    (build,) = deployed.client("codebuild").batch_get_builds(ids=[told["build"]])["builds"]
    assert build["source"]["location"].endswith(f"/{build['projectName']}/{tag}.zip")


def test_what_nothing_uses_yet_is_listed_as_such(run_in_sandbox: Run) -> None:
    code, written, _ = run_in_sandbox("image", "list", "--json")

    told = {one["tags"][0]: one for one in json.loads(written)}
    assert code == 0
    assert (told["d" * 64]["images"], told["d" * 64]["used"]) == (["inference"], False)
    assert sum(one["used"] for one in told.values()) == len(told) - 1
    assert all(one["usd_per_month"] > 0 for one in told.values())


def test_a_build_that_is_not_followed_is_followed_by_the_same_command(run_in_sandbox: Run, assembly: Path) -> None:
    tag = change(assembly, "e")

    code, written, errors = run_in_sandbox(
        "image", "build", "inference", "--assembly", assembly, "--no-follow", "--json"
    )
    followed = run_in_sandbox("image", "build", "inference", "--assembly", assembly)

    (told,) = json.loads(written)
    assert (code, told["status"], followed[0]) == (0, "started", 0)
    assert "inference: `mlstack image build inference` looks on" in errors
    assert tag[:12] in followed[2]


def test_a_build_that_fails_ends_with_1_after_its_last_lines(run_in_sandbox: Run, assembly: Path) -> None:
    change(assembly, "f", "FROM\n")

    code, written, errors = run_in_sandbox("image", "build", "inference", "--assembly", assembly, "--json")

    (told,) = json.loads(written)
    assert (code, told["status"]) == (1, "failed")
    assert told["reason"].startswith("no image: BUILD: COMMAND_EXECUTION_ERROR")
    assert told["log"]["stream"] in told["reason"]
    assert 0 < len(told["last_lines"]) <= 20
    assert f"  {told['last_lines'][-1]}" in errors.splitlines()
    assert errors.splitlines()[-1] == f"inference: {told['reason']}"


def test_an_image_that_was_never_deployed_waits_for_the_deploy(run_in_sandbox: Run, assembly: Path) -> None:
    path = assembly / f"{STACK}.template.json"
    output = template(assembly)["Outputs"]["TrainingImageUri"]["Value"]["Fn::GetAtt"][0]
    project = template(assembly)["Resources"][output]["Properties"]["ProjectName"]["Ref"]
    path.write_text(path.read_text().replace(f'"{project}"', '"NewProject"'))

    every = run_in_sandbox("image", "build", "--assembly", assembly)
    named = run_in_sandbox("image", "build", "training", "--assembly", assembly)

    said = f"training is not in the deployed stack {STACK} yet; deploy the stage, which builds it too"
    assert every[0] == 0
    assert said in every[2].splitlines()
    assert "inference: " in every[2]
    assert (named[0], named[2]) == (2, f"mlstack: {said}\n")


def test_an_interrupt_leaves_the_build_to_itself_and_says_how_to_look_on(
    run_in_sandbox: Run, assembly: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(assembly, "a")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(builds, "follow", interrupt)

    code, _, errors = run_in_sandbox("image", "build", "inference", "--assembly", assembly)

    assert code == 130
    assert "what was started goes on; `mlstack image build inference` looks on again" in errors


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["inferenc"], "has no image inferenc; did you mean inference?"),
        (["--stage", "team"], "was synthesized for sandbox, not for team; say --stage"),
        (["--assembly", "nowhere"], "nowhere holds no cloud assembly; write it with `npx cdk synth"),
    ],
)
def test_what_cannot_be_built_is_one_line(run_in_sandbox: Run, assembly: Path, words: list[str], told: str) -> None:
    code, written, errors = run_in_sandbox("image", "build", "--assembly", assembly, *words)

    assert (code, written) == (2, "")
    assert told in errors
    assert len(errors.splitlines()) == 1


def test_a_stage_that_was_synthesized_and_never_deployed_is_told_so(run_in_sandbox: Run, assembly: Path) -> None:
    for name in ("manifest.json", f"{STACK}.assets.json", f"{STACK}.template.json"):
        text = (assembly / name).read_text().replace("mlstack-sandbox-", "mlstack-young-")
        (assembly / name.replace("-sandbox-", "-young-")).write_text(text)
    for path in assembly.glob("mlstack-sandbox-*.template.json"):
        path.rename(path.with_name(path.name.replace("-sandbox-", "-young-")))

    code, _, errors = run_in_sandbox("image", "build", "--assembly", assembly, "--stage", "young")

    assert code == 2
    assert "stack mlstack-young-Images is not deployed in the local AWS; run `mlstack local deploy`" in errors
    assert len(errors.splitlines()) == 1
