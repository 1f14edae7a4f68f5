"""statelint sees every state machine, whichever way its definition is written."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from checks import state_machines
from mlstack.assembly import Assembly

GOOD = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "End"}, "End": {"Type": "Succeed"}},
}
DANGLING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Nowhere"}}}
RETRIED = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f"},
    "Retry": [{"ErrorEquals": ["Lambda.SdkClientException"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}],
    "End": True,
}
TASK = '{"StartAt":"Call","States":{"Call":{"Type":"Task","Resource":"'


def machine(**properties: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
        "Function": {"Type": "AWS::Lambda::Function"},
    }


@pytest.mark.parametrize(
    "resources",
    [
        machine(Definition=GOOD),
        machine(DefinitionString=json.dumps(GOOD)),
        machine(Definition={"StartAt": "Call", "States": {"Call": RETRIED}}),
        machine(DefinitionString={"Fn::Join": ["", [TASK, {"Fn::GetAtt": ["Function", "Arn"]}, '","End":true}}}']]}),
        machine(DefinitionString={"Fn::Sub": TASK + '${Function.Arn}","End":true}}}'}),
        machine(
            DefinitionString=TASK + '${target}","End":true}}}',
            DefinitionSubstitutions={"target": {"Fn::GetAtt": ["Function", "Arn"]}},
        ),
    ],
)
def test_state_machines_pass_in_every_way_of_writing_them(
    stack_of: Callable[..., Assembly], resources: dict[str, Any]
) -> None:
    report = state_machines.check(stack_of(resources))

    assert report.findings == ()
    assert report.scope == "1 state machine"


def test_state_machines_show_that_there_was_none(stack_of: Callable[..., Assembly]) -> None:
    assert state_machines.check(stack_of({})).scope == "0 state machines"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (machine(Definition=DANGLING), 'No state found named "Nowhere"'),
        (machine(DefinitionString={"Fn::Sub": json.dumps(DANGLING)}), 'No state found named "Nowhere"'),
        (machine(DefinitionString="[]"), "is no object"),
        (machine(DefinitionString="{"), "is no JSON"),
        (machine(DefinitionString={"Ref": "Nobody"}), "cannot be worked out: Nobody"),
        (machine(DefinitionS3Location={"Bucket": "b", "Key": "k"}), "nothing checks it"),
        (machine(DefinitionString=TASK + '${target}","End":true}}}'), "${target} stands for a whole value"),
    ],
)
def test_state_machines_catch_what_would_not_run(
    stack_of: Callable[..., Assembly], resources: dict[str, Any], message: str
) -> None:
    findings = state_machines.check(stack_of(resources)).findings

    assert any(finding.place == "Lab/Machine" and message in finding.message for finding in findings), findings
