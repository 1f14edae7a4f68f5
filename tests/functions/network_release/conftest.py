"""EC2 in this process, and CloudFormation's side of a request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from tests.functions.cloudformation import address, time
from tests.functions.shared.cloud import Cloud

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

__all__ = ["address", "time"]

Hold = Callable[[int], tuple[str, list[str]]]


@contextmanager
def answered_by(cloud: Cloud) -> Iterator[Cloud]:
    """Let an AWS in memory answer every client's calls."""

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return cloud.call(client, operation, asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield cloud


@pytest.fixture
def silent() -> Iterator[Cloud]:
    """An AWS without any interface; it says so, unless a fault strikes."""
    with answered_by(Cloud(None, lambda *_: {"NetworkInterfaces": []})) as cloud:
        yield cloud


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
