"""EC2 as the tests ask it."""

from collections.abc import Iterator

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ec2.looking import Client, living


@pytest.fixture
def ec2(local_aws: LocalAws) -> Iterator[Client]:
    """EC2, without what a test forgot."""
    client = local_aws.client("ec2")
    yield client
    requests = client.describe_spot_instance_requests()["SpotInstanceRequests"]
    if requests:
        names = [one["SpotInstanceRequestId"] for one in requests]
        client.cancel_spot_instance_requests(SpotInstanceRequestIds=names)
    forgotten = living(client)
    if forgotten:
        client.terminate_instances(InstanceIds=forgotten)
