"""shellcheck sees every script, in the repository and in templates."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks import scripts
from mlstack.assembly import Assembly

GOOD = '#!/bin/bash\nset -eu\necho "$HOME"\n'
BAD = "#!/bin/bash\necho fine\nrm -r $1\n"
NOTHING = Assembly(())
LIFECYCLE = "AWS::SageMaker::NotebookInstanceLifecycleConfig"
MIME = 'Content-Type: multipart/mixed; boundary="B"\nMIME-Version: 1.0\n\n--B\nContent-Type: {}\n\n{}\n--B--\n'


def user_data(script: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"Host": {"Type": "AWS::EC2::Instance", "Properties": {"UserData": script}}}


def document(content: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"Host": {"Type": "AWS::SSM::Document", "Properties": {"Content": content}}}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_scripts_of_the_repository_are_found_by_name_and_by_first_line(
    working_tree: Callable[[dict[str, str]], Path],
) -> None:
    root = working_tree({
        "good.sh": GOOD, "bin/bad": BAD, ".ci/run": BAD.replace("/bin/bash", "/usr/bin/env bash"),
        "tool.py": "#!/usr/bin/env python\n", "notes.txt": "rm -r $1\n",
    })  # fmt: skip

    report = scripts.check(root, NOTHING)

    assert [finding.place for finding in report.findings] == [".ci/run:3", "bin/bad:3"]
    assert all(finding.message.startswith("SC2086") for finding in report.findings)
    assert report.scope == "3 script files, 0 embedded scripts, 0 unchecked scripts"


def test_scripts_that_git_ignores_are_left_alone(working_tree: Callable[[dict[str, str]], Path]) -> None:
    root = working_tree({".gitignore": "made/\n", "made/bad.sh": BAD})

    assert scripts.check(root, NOTHING).scope.startswith("0 script files")


def embedding(script: str) -> dict[str, dict[str, Any]]:
    """Every way in which a template carries ``script`` to a machine."""
    steps = [{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": script.splitlines()}}]
    old = {"schemaVersion": "1.2", "runtimeConfig": {"aws:runShellScript": {"properties": [{"runCommand": [script]}]}}}
    head, tail = script[:9], script[9:]
    template = {"LaunchTemplateData": {"UserData": {"Fn::Base64": script}}}
    build = json.dumps({"version": "0.2", "phases": {"build": {"commands": script.splitlines()}}})
    return {
        "instance": user_data({"Fn::Base64": script}),
        "joined": user_data({"Fn::Base64": {"Fn::Join": ["", [head, tail]]}}),
        "substituted": user_data({"Fn::Base64": {"Fn::Sub": script}}),
        "literal": user_data(encoded(script)),
        "multipart": user_data({"Fn::Base64": MIME.format("text/x-shellscript", script)}),
        "launch template": {"Host": {"Type": "AWS::EC2::LaunchTemplate", "Properties": template}},
        "lifecycle": {"Host": {"Type": LIFECYCLE, "Properties": {"OnStart": [{"Content": {"Fn::Base64": script}}]}}},
        "studio": {
            "Host": {
                "Type": "AWS::SageMaker::StudioLifecycleConfig",
                "Properties": {"StudioLifecycleConfigContent": encoded(script)},
            }
        },
        "document": document({"schemaVersion": "2.2", "mainSteps": steps}),
        "document as text": document(json.dumps({"schemaVersion": "2.2", "mainSteps": steps})),
        "old document": document(old),
        "build": {"Host": {"Type": "AWS::CodeBuild::Project", "Properties": {"Source": {"BuildSpec": build}}}},
    }


@pytest.mark.parametrize("way", sorted(embedding("")))
def test_scripts_in_templates_are_checked_in_every_way_of_carrying_them(
    working_tree: Callable[[dict[str, str]], Path], stack_of: Callable[..., Assembly], way: str
) -> None:
    root = working_tree({})

    good = scripts.check(root, stack_of(embedding(GOOD)[way]))
    bad = scripts.check(root, stack_of(embedding(BAD)[way]))

    assert good.findings == ()
    assert good.scope == "0 script files, 1 embedded script, 0 unchecked scripts"
    assert [finding.message[:6] for finding in bad.findings] == ["SC2086"]
    assert all(finding.place.startswith("Lab/Host") for finding in bad.findings)
    assert all(finding.place.endswith("line 3") or way == "build" for finding in bad.findings)


def test_scripts_may_hold_the_download_that_the_cdk_writes(
    working_tree: Callable[[dict[str, str]], Path], stack_of: Callable[..., Assembly]
) -> None:
    script = "#!/bin/bash\nmkdir -p $(dirname '/tmp/data')\naws s3 cp 's3://b/data' '/tmp/data'\n"

    as_the_cdk_does = scripts.check(working_tree({}), stack_of(user_data({"Fn::Base64": script})))

    assert as_the_cdk_does.findings == ()


def test_commands_without_a_shell_keep_their_line_numbers(
    working_tree: Callable[[dict[str, str]], Path], stack_of: Callable[..., Assembly]
) -> None:
    steps = [{"action": "aws:runShellScript", "inputs": {"runCommand": ["echo {{ Name }}", "rm -r $1"]}}]

    findings = scripts.check(working_tree({}), stack_of(document({"mainSteps": steps}))).findings

    assert [finding.place for finding in findings] == ["Lab/Host, line 2"]


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (user_data("#!/bin/bash\necho"), "not base64"),
        (user_data({"Fn::Base64": "echo hello"}), "starts with no #!"),
        (user_data({"Fn::Base64": {"Ref": "Nobody"}}), "cannot be worked out"),
        ({"Host": {"Type": LIFECYCLE, "Properties": {"OnCreate": [{"Content": "#!/bin/sh"}]}}}, "not base64"),
        ({"Host": {"Type": LIFECYCLE, "Properties": {"OnCreate": [{"Content": encoded("echo")}]}}}, "SC2148"),
        (document("{"), "neither JSON nor YAML"),
    ],
)
def test_scripts_that_no_machine_would_run_are_caught(
    working_tree: Callable[[dict[str, str]], Path],
    stack_of: Callable[..., Assembly],
    resources: dict[str, Any],
    message: str,
) -> None:
    findings = scripts.check(working_tree({}), stack_of(resources)).findings

    assert [message in finding.message for finding in findings] == [True]


@pytest.mark.parametrize(
    "resources",
    [
        user_data({"Fn::Base64": "#cloud-config\n"}),
        user_data({"Fn::Base64": "<powershell>dir</powershell>"}),
        user_data({"Fn::Base64": MIME.format("text/cloud-config", "x: 1")}),
        document({"mainSteps": [{"action": "aws:runPowerShellScript", "inputs": {"runCommand": ["dir"]}}]}),
        {"Host": {"Type": "AWS::CodeBuild::Project", "Properties": {"Source": {"BuildSpec": "buildspec.yml"}}}},
    ],
)
def test_scripts_of_another_kind_are_counted_as_unchecked(
    working_tree: Callable[[dict[str, str]], Path], stack_of: Callable[..., Assembly], resources: dict[str, Any]
) -> None:
    report = scripts.check(working_tree({}), stack_of(resources))

    assert report.scope == "0 script files, 0 embedded scripts, 1 unchecked script"
    assert report.findings == ()
