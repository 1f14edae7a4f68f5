"""ECS, Auto Scaling and EC2 in memory behind the function's clients, and CloudFormation's side of a request."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from ecs_release import handler
from shared import clients
from tests.functions.cloudformation import Address, Context, Time, address, request, time
from tests.functions.ecs import CLUSTER
from tests.functions.region import Region
from tests.functions.shared.cloud import Cloud

__all__ = ["address", "time"]

PROPERTIES = {
    "Cluster": CLUSTER,
    "Services": ["tagger"],
    "AutoScalingGroups": ["spot", "on-demand"],
    "Stage": "sandbox",
}


def asked(
    kind: str,
    address: Address,
    *,
    known: str = f"cluster/{CLUSTER}",
    seconds: int = 900,
    other: Mapping[str, object] = MappingProxyType({}),
) -> Any:  # noqa: ANN401 (an answer's JSON)
    """The answer to a request about the cluster, some of its properties being others."""
    properties = {"ServiceToken": "function", **PROPERTIES, **other}
    handler.handle(request(kind, address.url, known, ResourceProperties=properties), Context(seconds))
    return address.bodies[-1]


@pytest.fixture(scope="session")
def release_clients() -> dict[str, BaseClient]:
    """Make the clients once, which takes longer than a test."""
    return {name: boto3.client(name) for name in ("ecs", "autoscaling", "ec2")}


@pytest.fixture
def region(time: Time) -> Region:
    """What is there: an empty cluster."""
    return Region(now=time.now)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, release_clients: dict[str, BaseClient], region: Region) -> Cloud:
    """What stands between the function and AWS."""
    made = Cloud(None, region.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    for name, client in release_clients.items():
        monkeypatch.setattr(clients, name, lambda client=client: client)
    return made
