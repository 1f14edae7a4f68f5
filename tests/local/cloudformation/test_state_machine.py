"""A state machine is made as the CDK writes it, changed under its name, and deleted with what it runs."""

import json
from typing import Any

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually
from tests.local.stacks import Stacks, Template

ROLE = "arn:aws:iam::123456789012:role/any"
ATTRIBUTES = {
    "Arn": {"Value": {"Fn::GetAtt": ["Machine", "Arn"]}},
    "Name": {"Value": {"Fn::GetAtt": ["Machine", "Name"]}},
    "Ref": {"Value": {"Ref": "Machine"}},
}


def machine(**properties: Any) -> dict[str, Template]:  # noqa: ANN401 - a template's
    wanted = {"RoleArn": ROLE, **properties}
    return {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": wanted}}


def passing(result: object) -> str:
    return json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": result, "End": True}}})


def output(aws: LocalAws, arn: str) -> Any:  # noqa: ANN401 - JSON
    states = aws.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    eventually(lambda: states.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    return json.loads(states.describe_execution(executionArn=execution)["output"])


def test_state_machine_lives_through_create_update_and_delete(stacks: Stacks, local_aws: LocalAws) -> None:
    joined = {"Fn::Join": ["", [passing("one")[:-1], "}"]]}
    name = stacks.create(machine(DefinitionString=joined, Tags=[{"Key": "stage", "Value": "test"}]), Outputs=ATTRIBUTES)
    made = stacks.outputs(name)
    first = output(local_aws, made["Arn"])

    changed = machine(DefinitionString=passing("${Said}"), DefinitionSubstitutions={"Said": "two"})
    stacks.update(name, changed, Outputs=ATTRIBUTES)
    second, after = output(local_aws, made["Arn"]), stacks.outputs(name)
    stacks.delete(name)

    assert (first, second) == ("one", "two")
    assert made == after
    assert made["Arn"] == made["Ref"] == f"arn:aws:states:us-east-1:123456789012:stateMachine:{made['Name']}"
    machines = local_aws.client("stepfunctions").list_state_machines()["stateMachines"]
    assert made["Name"] not in [one["name"] for one in machines]
    assert local_aws.gaps() == [] or name not in {gap["stack"] for gap in local_aws.gaps()}


def test_state_machine_of_a_wrong_definition_fails_its_stack(stacks: Stacks) -> None:
    name = stacks.create(machine(DefinitionString='{"StartAt": "Nowhere", "States": {}}'))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"


def test_state_machine_of_another_type_is_another_machine(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(machine(DefinitionString=passing(1)), Outputs=ATTRIBUTES)
    before = stacks.outputs(name)["Arn"]

    stacks.update(name, machine(DefinitionString=passing(1), StateMachineType="EXPRESS"), Outputs=ATTRIBUTES)

    after = stacks.outputs(name)["Arn"]
    described = local_aws.client("stepfunctions").describe_state_machine(stateMachineArn=after)
    assert before != after
    assert described["type"] == "EXPRESS"


def test_state_machine_takes_its_executions_with_it(stacks: Stacks, local_aws: LocalAws) -> None:
    waiting = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}})
    name = stacks.create(machine(DefinitionString=waiting), Outputs=ATTRIBUTES)
    arn = stacks.outputs(name)["Arn"]
    local_aws.client("stepfunctions").start_execution(stateMachineArn=arn, name="mine")

    stacks.delete(name)
    again = stacks.create(machine(DefinitionString=passing(1), StateMachineName=arn.rsplit(":", 1)[-1]))

    assert stacks.status(again) == "CREATE_COMPLETE"
    assert local_aws.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"] == []
