"""Step Functions in this process, and CloudFormation's side of a request."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.functions.cloudformation import address, time

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

__all__ = ["address", "time"]

ROLE = "arn:aws:iam::123456789012:role/any"
DEFINITION = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}})
Start = Callable[[str, int], str]


@pytest.fixture(scope="session")
def states_client() -> "SFNClient":
    """Make the test's own way into Step Functions once, which takes longer than a test."""
    return boto3.client("stepfunctions")


@pytest.fixture
def states(aws: None, states_client: "SFNClient") -> "SFNClient":  # noqa: ARG001 (moto must run)
    return states_client


@pytest.fixture
def start(states: "SFNClient") -> Start:
    """Makes a state machine with so many executions."""

    def started(name: str, count: int) -> str:
        machine = states.create_state_machine(name=name, definition=DEFINITION, roleArn=ROLE)["stateMachineArn"]
        for _ in range(count):
            states.start_execution(stateMachineArn=machine)
        return machine

    return started
