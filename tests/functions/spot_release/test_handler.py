"""Nothing launches an instance anew that CloudFormation is about to terminate, and CloudFormation hears why not."""

from typing import TYPE_CHECKING

import boto3
import pytest

from shared import clients
from tests.functions.cloudformation import Address
from tests.functions.ec2 import EC2, Instance, instance_id
from tests.functions.shared.cloud import Cloud
from tests.functions.spot_release.conftest import LAST, asked

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

GONE = instance_id(4711)


def terminate(cloud: Cloud, instance: Instance) -> None:
    """What CloudFormation does next."""
    cloud.faults = []
    clients.ec2().terminate_instances(InstanceIds=[instance.id])


@pytest.mark.usefixtures("time")
def test_without_a_release_the_request_launches_another(ec2: EC2, cloud: Cloud) -> None:
    box = ec2.launch(spot="persistent")

    terminate(cloud, box)

    assert ec2.alive == [instance_id(2)]


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("late", [0, 5])
def test_after_a_release_nothing_is_launched_anew(ec2: EC2, cloud: Cloud, address: Address, late: int) -> None:
    ec2.late = late
    box = ec2.launch(spot="persistent")

    said = asked("Delete", address, box.id)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", box.id)
    assert ec2.requests[box.request or ""].state == "cancelled"
    terminate(cloud, box)
    assert ec2.alive == []


@pytest.mark.usefixtures("time", "cloud")
def test_release_of_a_stopped_instance_ends_it(ec2: EC2, address: Address) -> None:
    box = ec2.launch(spot="persistent")
    clients.ec2().stop_instances(InstanceIds=[box.id])

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == []


@pytest.mark.usefixtures("time", "cloud")
def test_release_touches_no_other_request(ec2: EC2, address: Address) -> None:
    box, other = ec2.launch(spot="persistent"), ec2.launch(spot="persistent")

    asked("Delete", address, box.id)

    assert ec2.requests[other.request or ""].state == "active"


@pytest.mark.usefixtures("time", "cloud")
def test_request_is_found_though_the_instance_is_forgotten(ec2: EC2, address: Address) -> None:
    box = ec2.launch(spot="persistent")
    ec2.forget(box)

    asked("Delete", address, box.id)

    assert ec2.requests[box.request or ""].state == "cancelled"


@pytest.mark.usefixtures("time", "cloud")
def test_request_is_found_though_it_has_launched_another_since(ec2: EC2, address: Address) -> None:
    box = ec2.launch(spot="persistent")
    clients.ec2().terminate_instances(InstanceIds=[box.id])

    asked("Delete", address, box.id)

    assert ec2.requests[box.request or ""].state == "cancelled"


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("state", ["cancelled", "closed", "failed"])
def test_request_that_is_over_is_let_alone(ec2: EC2, cloud: Cloud, address: Address, state: str) -> None:
    box = ec2.launch(spot="persistent")
    ec2.requests[box.request or ""].state = state

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert "CancelSpotInstanceRequests" not in {call.operation for call in cloud.calls}


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("state", ["open", "active", "disabled", "a-new-one"])
def test_request_that_may_still_launch_is_cancelled(ec2: EC2, cloud: Cloud, address: Address, state: str) -> None:
    box = ec2.launch(spot="persistent")
    ec2.requests[box.request or ""].state = state

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert [call.operation for call in cloud.effects].count("CancelSpotInstanceRequests") == 1


@pytest.mark.usefixtures("time", "cloud")
def test_instance_that_was_never_there_is_released(address: Address) -> None:
    assert asked("Delete", address, GONE)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("time", "cloud")
def test_instance_on_demand_is_released(ec2: EC2, address: Address) -> None:
    assert asked("Delete", address, ec2.launch().id)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_making_tells_the_request_and_cancels_nothing(ec2: EC2, cloud: Cloud, address: Address, kind: str) -> None:
    box = ec2.launch(spot="persistent")

    said = asked(kind, address, box.id)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", box.id)
    assert said["Data"] == {"SpotInstanceRequestId": box.request}
    assert {call.operation for call in cloud.calls} == {"DescribeInstances", "DescribeSpotInstanceRequests"}


@pytest.mark.usefixtures("time", "cloud")
def test_update_to_another_instance_releases_the_old_one_only_when_that_is_deleted(ec2: EC2, address: Address) -> None:
    old, new = ec2.launch(spot="persistent"), ec2.launch(spot="persistent")

    updated = asked("Update", address, new.id, known=old.id)
    between = [one.state for one in ec2.requests.values()]
    asked("Delete", address, new.id, known=old.id)

    assert updated["PhysicalResourceId"] == new.id
    assert between == ["active", "active"]
    assert [one.state for one in ec2.requests.values()] == ["cancelled", "active"]


@pytest.mark.usefixtures("time", "cloud")
def test_delete_of_a_resource_that_was_never_named_goes_by_its_property(ec2: EC2, address: Address) -> None:
    box = ec2.launch(spot="persistent")

    asked("Delete", address, box.id, known="mlstack-sandbox-Release-1ABC")

    assert ec2.requests[box.request or ""].state == "cancelled"


@pytest.mark.usefixtures("time", "cloud")
def test_request_that_is_not_over_is_told_before_one_that_is(ec2: EC2, address: Address) -> None:
    over, live = ec2.launch(spot="persistent"), ec2.launch(spot="persistent")
    ec2.requests[over.request or ""].state = "closed"
    ec2.requests[live.request or ""].instance = over.id

    assert asked("Create", address, over.id)["Data"] == {"SpotInstanceRequestId": live.request}


@pytest.mark.usefixtures("time", "cloud")
def test_making_without_a_request_fails(ec2: EC2, address: Address) -> None:
    box = ec2.launch()

    said = asked("Create", address, box.id)

    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", box.id)
    assert said["Reason"].startswith(f"{box.id} has no Spot request")


@pytest.mark.usefixtures("time", "cloud")
def test_update_after_the_machine_and_its_request_are_gone_fails_no_deploy(ec2: EC2, address: Address) -> None:
    box = ec2.launch(spot="one-time")
    clients.ec2().terminate_instances(InstanceIds=[box.id])
    ec2.forget(box)
    ec2.requests.clear()

    said = asked("Update", address, box.id)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", box.id)
    assert "Data" not in said


@pytest.mark.usefixtures("time")
@pytest.mark.parametrize("told", [None, "", "sir-1", ["i-1"], 7, {"Ref": "Box"}, "i-*", "i-0123456789abcdef0\n"])
def test_what_is_no_instance_fails_to_be_made_and_is_nothing_to_delete(
    cloud: Cloud, address: Address, told: object
) -> None:
    made = asked("Create", address, told)
    deleted = asked("Delete", address, told, known="Any", workstation={})

    assert (made["Status"], made["Reason"]) == ("FAILED", "the resource has no InstanceId")
    assert deleted["Status"] == "SUCCESS"
    assert cloud.calls == []


@pytest.mark.usefixtures("time")
def test_resource_without_an_instance_asks_nothing_when_it_is_made_and_needs_the_tags(
    cloud: Cloud, address: Address
) -> None:
    made = asked("Create", address, LAST)
    unknown = asked("Create", address, LAST, workstation={})

    assert (made["Status"], made.get("Data")) == ("SUCCESS", None)
    assert (unknown["Status"], unknown["Reason"]) == ("FAILED", "the resource has no Stage, no Workstation, no Edition")
    assert cloud.calls == []


@pytest.mark.usefixtures("time", "aws")
def test_request_of_moto_is_found_and_cancelled(monkeypatch: pytest.MonkeyPatch, address: Address) -> None:
    client: EC2Client = boto3.client("ec2")
    monkeypatch.setattr(clients, "ec2", lambda: client)
    [spot] = client.request_spot_instances(Type="persistent", LaunchSpecification={"ImageId": "ami-12c6146b"})[
        "SpotInstanceRequests"
    ]

    made = asked("Create", address, spot["InstanceId"])
    deleted = asked("Delete", address, spot["InstanceId"])

    assert made["Data"] == {"SpotInstanceRequestId": spot["SpotInstanceRequestId"]}
    assert deleted["Status"] == "SUCCESS"
    assert client.describe_spot_instance_requests()["SpotInstanceRequests"] == []
