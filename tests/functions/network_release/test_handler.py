"""Only a deletion waits, and CloudFormation hears what came of it."""

from typing import TYPE_CHECKING, Any

import pytest

from network_release import handler
from shared import clock
from tests.functions.cloudformation import Address, Context, Time, request
from tests.functions.network_release.conftest import Hold
from tests.functions.shared.cloud import Cloud, Fault, refusing

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

OLD = "sg-0123456789abcdef0"


def event(kind: str, url: str, **properties: object) -> dict[str, Any]:
    """A request about a security group."""
    return request(kind, url, OLD, ResourceProperties={"ServiceToken": "function", **properties})


def test_a_deletion_waits_for_the_last_interface_and_says_so(
    network: "EC2Client", hold: Hold, time: Time, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, left = hold(2)

    def sleep(seconds: float) -> None:
        """Let AWS give one interface back a time."""
        time.sleep(seconds)
        if left:
            network.delete_network_interface(NetworkInterfaceId=left.pop())

    monkeypatch.setattr(clock, "sleep", sleep)

    handler.handle(event("Delete", address.url, SecurityGroupId=group), Context())

    assert left == []
    assert time.now() > Time.present
    assert address.bodies == [
        {
            "Status": "SUCCESS",
            "PhysicalResourceId": OLD,
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/mlstack-sandbox-Any/1",
            "RequestId": "request",
            "LogicalResourceId": "Any",
        }
    ]


def test_what_is_left_when_the_time_is_up_is_answered_with_the_way_on(hold: Hold, time: Time, address: Address) -> None:
    group, [left] = hold(1)

    handler.handle(event("Delete", address.url, SecurityGroupId=group), Context(seconds=900))

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "destroy the stack again" in said["Reason"]
    assert left in said["Reason"]
    assert "lent to SageMaker" in said["Reason"]
    assert 860 < (time.now() - Time.present).total_seconds() < 880


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_asked_before_the_deletion(address: Address, silent: Cloud, time: Time, kind: str) -> None:
    handler.handle(event(kind, address.url, SecurityGroupId="sg-new"), Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", "sg-new")
    assert silent.calls == []
    assert time.now() == Time.present


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "AccessDenied"])
def test_a_missing_permission_is_answered_at_once_with_its_reason(
    address: Address, silent: Cloud, time: Time, code: str
) -> None:
    silent.faults = [Fault(answer=refusing(code, 403, "you may not " + "x" * 5000))]

    handler.handle(event("Delete", address.url, SecurityGroupId=OLD), Context())

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert code in said["Reason"]
    assert "you may not" in said["Reason"]
    assert address.sizes[0] < 4096
    assert time.now() == Time.present


@pytest.mark.parametrize("properties", [{}, None, {"SecurityGroupId": ""}, {"SecurityGroupId": ["sg-1"]}])
def test_a_resource_without_a_group_fails_and_says_so(address: Address, silent: Cloud, properties: object) -> None:
    handler.handle(request("Delete", address.url, OLD, ResourceProperties=properties), Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", OLD)
    assert said["Reason"] == "the resource has no SecurityGroupId"
    assert silent.calls == []
