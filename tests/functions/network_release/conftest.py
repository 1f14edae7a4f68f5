"""EC2 in this process, and CloudFormation's side of a request."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.functions.cloudformation import address, time

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

__all__ = ["address", "time"]

Hold = Callable[[int], tuple[str, list[str]]]


@pytest.fixture(scope="session")
def network_client() -> "EC2Client":
    """Make the test's own way into EC2 once, which takes longer than a test."""
    return boto3.client("ec2")


@pytest.fixture
def network(aws: None, network_client: "EC2Client") -> "EC2Client":  # noqa: ARG001 (moto must run)
    return network_client


@pytest.fixture
def hold(network: "EC2Client") -> Hold:
    """Makes a security group with so many interfaces; every group has its own network."""

    def held(count: int) -> tuple[str, list[str]]:
        vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = network.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]
        group = network.create_security_group(GroupName="any", Description="any", VpcId=vpc)["GroupId"]
        made = [
            network.create_network_interface(SubnetId=subnet, Groups=[group], Description="lent to SageMaker")
            for _ in range(count)
        ]
        return group, [one["NetworkInterface"]["NetworkInterfaceId"] for one in made]

    return held
