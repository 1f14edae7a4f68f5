"""`python -m checks` shows what it looked at, and its exit code can be trusted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.__main__ import GATES, main

GOOD: dict[str, object] = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
LOOP = {
    "Type": "AWS::StepFunctions::StateMachine",
    "Properties": {"Definition": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "x", "Next": "B"}}}},
}


@pytest.fixture
def assembly(tmp_path: Path) -> Callable[[dict[str, object]], str]:
    def assembly(template: dict[str, object]) -> str:
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "properties": {"templateFile": "Lab.template.json"},
        }
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Lab": stack}}))
        (tmp_path / "Lab.template.json").write_text(json.dumps(template))
        return str(tmp_path)

    return assembly


def exit_code(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_checks_end_well_and_show_an_empty_run(
    assembly: Callable[[dict[str, object]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code("--assembly", assembly(GOOD), "state-machines", "service-calls")

    first, second = capsys.readouterr().out.splitlines()
    assert code == 0
    assert first.startswith("state-machines: 0 state machines; findings: 0; ")
    assert second.startswith("service-calls: 0 state machines, 0 AWS calls, 0 unchecked calls; findings: 0; ")


def test_checks_print_each_finding_and_fail(
    assembly: Callable[[dict[str, object]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code("--assembly", assembly({"Resources": {"Loop": LOOP}}), "state-machines", "service-calls")

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert 'Lab/Loop: No state found named "B", referenced at States.A.Next' in lines
    assert "not checked: Lab/Loop/A: x is no service integration" in lines


def test_checks_print_json(assembly: Callable[[dict[str, object]], str], capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code("--assembly", assembly({"Resources": {"Loop": LOOP}}), "--json", "state-machines")

    (outcome,) = json.loads(capsys.readouterr().out)
    assert code == 1
    assert outcome["gate"] == "state-machines"
    assert outcome["looked_at"] == {"state machines": 1}
    assert {finding["place"] for finding in outcome["findings"]} == {"Lab/Loop"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "checks: there is no gate nonsense; the gates are templates, "),
        (["--assembly", "nowhere", "templates"], "checks: nowhere holds no cloud assembly; run `make synth` first"),
        (["--assembly", "nowhere"], "checks: nowhere holds no cloud assembly; run `make synth` first"),
        (["--colour"], "checks: No such option"),
        (["--root", "/", "dockerfiles"], "checks: / is no git working tree"),
    ],
)
def test_checks_answer_misuse_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = exit_code(*arguments)

    shown = capsys.readouterr()
    assert code == 2
    assert shown.out == ""
    assert shown.err.startswith(message)
    assert shown.err.count("\n") == 1


def test_checks_of_files_need_no_assembly(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code("--assembly", "nowhere", "dockerfiles")

    assert code in {0, 1}
    assert capsys.readouterr().out.startswith("dockerfiles: ")


def test_checks_explain_themselves_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code("--help")

    shown = capsys.readouterr().out
    assert code == 0
    assert "Example: `python -m checks" in shown
    assert all(gate in shown for gate in GATES)
