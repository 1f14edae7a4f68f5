"""EC2 in memory behind the function's client, and CloudFormation's side of a request."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from shared import clients
from spot_release import handler
from tests.functions.cloudformation import Address, Context, address, request, time
from tests.functions.ec2 import EC2
from tests.functions.shared.cloud import Cloud

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

__all__ = ["address", "time"]


LAST = object()
"""No instance at all: the resource that is deleted after the instance."""
WORKSTATION = {"Stage": "sandbox", "Workstation": "trainer", "Edition": "1"}


def tags(**other: str) -> dict[str, str]:
    """What the launch template puts on everything that it brings about."""
    return {"project": "mlstack", "stage": "sandbox", "workstation": "trainer", "edition": "1", **other}


def asked(  # noqa: PLR0913 (all that a request can say)
    kind: str,
    address: Address,
    instance: object,
    *,
    known: str | None = None,
    seconds: int = 600,
    workstation: Mapping[str, object] = WORKSTATION,
) -> Any:  # noqa: ANN401 (an answer's JSON)
    """The answer to a request about an instance."""
    properties = {"ServiceToken": "function", "InstanceId": instance, **workstation}
    if instance is LAST:
        del properties["InstanceId"]
    name = known or str(instance)
    handler.handle(request(kind, address.url, name, ResourceProperties=properties), Context(seconds))
    return address.bodies[-1]


@pytest.fixture(scope="session")
def release_client() -> "EC2Client":
    """Make the client once, which takes longer than a test."""
    return boto3.client("ec2")


@pytest.fixture
def ec2() -> EC2:
    """What is there: nothing yet."""
    return EC2()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, release_client: "EC2Client", ec2: EC2) -> Cloud:
    """What stands between the function and EC2."""
    made = Cloud(None, ec2.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(clients, "ec2", lambda: release_client)
    return made
