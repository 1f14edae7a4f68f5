"""CloudFormation in memory: what it says of the stack, and its side of a request about a workstation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from shared import clients
from tests.functions.cloudformation import Address, Context, address, request, time
from tests.functions.shared.cloud import Cloud
from workstation_edition import handler

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

__all__ = ["address", "time"]

MACHINE = {
    "Stage": "sandbox",
    "Workstation": "gpu",
    "Edition": "2",
    "System": "ubuntu-24.04",
    "Flavour": "pytorch",
    "Processor": "x86_64",
    "Market": "on-demand",
    "Type": "",
}
"""What is deployed."""
SPOT = {"Market": "spot", "Type": "g5.xlarge"}
CALLED = "sandbox/gpu"


def machine(**other: object) -> dict[str, object]:
    """What is deployed, but for some properties."""
    return {**MACHINE, **other}


@dataclass
class Stack:
    """The stack, as CloudFormation describes it."""

    status: str = "UPDATE_IN_PROGRESS"
    known: bool = True

    def answer(self, _: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The one call that there is."""
        assert operation == "DescribeStacks"
        return {"Stacks": [{"StackId": asked["StackName"], "StackStatus": self.status}] if self.known else []}


def asked(kind: str, address: Address, new: object, old: object = None) -> Any:  # noqa: ANN401 (an answer's JSON)
    """The answer to a request."""
    before = {"OldResourceProperties": old} if kind == "Update" else {}
    handler.handle(request(kind, address.url, CALLED, ResourceProperties=new, **before), Context(300))
    return address.bodies[-1]


def updated(address: Address, new: object, old: object = MACHINE) -> Any:  # noqa: ANN401 (as above)
    """The answer to an update."""
    return asked("Update", address, new, old)


@pytest.fixture(scope="session")
def stack_client() -> "CloudFormationClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("cloudformation")


@pytest.fixture
def stack() -> Stack:
    """The stack, amid an update."""
    return Stack()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, stack_client: "CloudFormationClient", stack: Stack) -> Cloud:
    """What stands between the function and CloudFormation."""
    made = Cloud(None, stack.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(clients, "cloudformation", lambda: stack_client)
    return made
