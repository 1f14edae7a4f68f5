"""The typed view of cdk.out: every reader starts here, so bad input ends here."""

import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.assembly import Assembly, metadata
from mlstack.errors import UserError


def artifact(name: str, *dependencies: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """A stack as a manifest names it."""
    return {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/eu-west-1",
        "properties": {"templateFile": f"{name}.template.json", "tags": {"stage": "s"}, **properties},
        "dependencies": list(dependencies),
    }


def write(folder: Path, artifacts: dict[str, Any]) -> Path:
    """A cloud assembly whose templates hold one queue each."""
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts}))
    for name in artifacts:
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"}}}
        (folder / f"{name}.template.json").write_text(json.dumps(template))
    return folder


def test_stacks_come_after_the_stacks_that_they_depend_on(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a": artifact("a", "c"), "b": artifact("b"), "c": artifact("c", "b", "c.assets")})

    assert [stack.name for stack in Assembly.read(folder).stacks] == ["b", "c", "a"]


def test_a_stack_knows_its_environment_tags_and_resources(tmp_path: Path) -> None:
    [stack] = Assembly.read(write(tmp_path, {"a": artifact("a", stackName="mine")})).stacks

    assert (stack.id, stack.name, stack.environment) == ("a", "mine", "aws://unknown-account/eu-west-1")
    assert stack.tags == {"stage": "s"}
    assert list(stack.of_type("AWS::SQS::Queue")) == ["Queue"]


def test_what_was_said_of_a_stack_lies_beside_its_template(tmp_path: Path) -> None:
    said = {"/a": [{"type": "aws:cdk:info", "data": "x"}]}
    (tmp_path / "a.metadata.json").write_text(json.dumps(said))
    folder = write(tmp_path, {"a": {**artifact("a"), "additionalMetadataFile": "a.metadata.json"}, "b": artifact("b")})

    assert [metadata(stack) for stack in Assembly.read(folder).stacks] == [said, {}]


def test_stacks_of_nested_assemblies_are_found(tmp_path: Path) -> None:
    write(tmp_path / "assembly-inner", {"inner": artifact("inner")})
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-inner"}}
    folder = write(tmp_path, {"outer": artifact("outer")})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["assembly-inner"] = nested
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert [stack.name for stack in Assembly.read(folder).stacks] == ["inner", "outer"]


def test_a_folder_without_an_assembly_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no cloud assembly; run `make synth` first"):
        Assembly.read(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"artifacts": 1}', "\x00"])
def test_a_damaged_manifest_is_refused_with_the_next_step(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)

    with pytest.raises(UserError, match="run `make synth` again"):
        Assembly.read(tmp_path)


def test_a_missing_template_is_refused_with_the_next_step(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a": artifact("a")})
    (folder / "a.template.json").unlink()

    with pytest.raises(UserError, match="run `make synth` again"):
        Assembly.read(folder)


def test_stacks_that_depend_on_each_other_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a": artifact("a", "b"), "b": artifact("b", "a")})

    with pytest.raises(UserError, match="a, b depend on each other"):
        Assembly.read(folder)
