"""A stack that runs something can be destroyed: what starts executions goes first, then the executions."""

import json
from typing import Any

import pytest

from mlstack.assembly import Stack
from mlstack.local.cloudformation.order import deletion_order
from tests.templates.synthesis import Synthesize, Synthesized

RESOURCE, MACHINE = "Custom::StopExecutions", "AWS::StepFunctions::StateMachine"


@pytest.fixture(scope="module")
def vision(production: Synthesized) -> Stack:
    """A stack with reviews and backfills."""
    return production.stacks["Vision"]


def statements(stack: Stack) -> list[dict[str, Any]]:
    """What the function may do."""
    policies = stack.of_type("AWS::IAM::Policy")
    [policy] = [body for name, body in policies.items() if name.startswith("StopExecutionsFunctionRole")]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_every_state_machine_has_its_own_resource(vision: Stack) -> None:
    named = [one["Properties"]["StateMachineArn"]["Ref"] for one in vision.of_type(RESOURCE).values()]

    assert sorted(named) == sorted(vision.of_type(MACHINE))
    assert len(named) == 2


def test_executions_end_after_the_rules_that_start_them_and_before_their_machines(vision: Stack) -> None:
    order = deletion_order(vision.resources)
    starters = [
        name
        for name, rule in vision.of_type("AWS::Events::Rule").items()
        if any("RoleArn" in target for target in rule["Properties"]["Targets"])
    ]

    assert len(starters) == 1
    for name, resource in vision.of_type(RESOURCE).items():
        assert order.index(starters[0]) < order.index(name)
        assert order.index(name) < order.index(resource["Properties"]["StateMachineArn"]["Ref"])


def test_the_function_still_may_stop_when_it_is_asked(vision: Stack) -> None:
    order = deletion_order(vision.resources)
    policy = next(name for name in vision.of_type("AWS::IAM::Policy") if name.startswith("StopExecutionsFunction"))

    for name in vision.of_type(RESOURCE):
        assert order.index(name) < order.index(policy)


def test_the_function_may_list_and_stop_and_nothing_else(vision: Stack) -> None:
    [logs, listing, stopping] = statements(vision)
    machines = sorted(vision.of_type(MACHINE))

    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert listing["Action"] == "states:ListExecutions"
    assert sorted(one["Ref"] for one in listing["Resource"]) == machines
    assert stopping["Action"] == "states:StopExecution"
    for place, machine in zip(stopping["Resource"], machines, strict=True):
        assert ":execution:" in json.dumps(place)
        assert machine in json.dumps(place)
        assert place["Fn::Join"][1][-1] == ":*"


def test_cloudformation_waits_longer_than_the_function_may_take_and_less_than_an_hour(vision: Stack) -> None:
    [timeout] = [
        function["Properties"]["Timeout"]
        for name, function in vision.of_type("AWS::Lambda::Function").items()
        if name.startswith("StopExecutions")
    ]

    for resource in vision.of_type(RESOURCE).values():
        assert timeout < int(resource["Properties"]["ServiceTimeout"]) < 3600


def test_a_stage_that_runs_nothing_has_nothing_to_stop(synthesize: Synthesize) -> None:
    videos = {"images": {}, "videos": {"videos/": ["labels"]}}
    stack = synthesize("sandbox", {"vision": videos}).stacks["Vision"]

    assert stack.of_type(MACHINE) == {}
    assert stack.of_type(RESOURCE) == {}
