"""What a request launched after somebody ended its instance goes with the stack, and nothing else does."""

import itertools
import logging
from collections.abc import Sequence

import pytest

from shared import clients
from tests.functions.cloudformation import Address
from tests.functions.ec2 import EC2, Instance
from tests.functions.shared.cloud import Call, Cloud
from tests.functions.spot_release.conftest import LAST, WORKSTATION, asked, tags

DEEDS = ("terminate", "stop", "forget", "cancel")
HOSTILE = [
    None,
    "",
    " ",
    "*",
    "?",
    "tr*",
    "a\\*",
    "trainer\n",
    "tra iner",
    "-",
    "x" * 129,
    1,
    ["trainer"],
    {"Ref": "X"},
]

pytestmark = pytest.mark.usefixtures("time", "cloud")


def launch(ec2: EC2, *, spot: str | None = "persistent", **other: str) -> Instance:
    """One from the launch template of an edition."""
    return ec2.launch(spot=spot, tags=tags(**other))


def do(deed: str, ec2: EC2, box: Instance) -> None:
    """What people and time do to the newest instance of a box's request, and to the box."""
    request = ec2.requests[box.request or ""]
    newest = ec2.instances.get(request.instance)
    if deed == "cancel":
        clients.ec2().cancel_spot_instance_requests(SpotInstanceRequestIds=[request.id])
    if deed == "forget":
        for one in [one for one in ec2.instances.values() if one.state == "terminated"]:
            ec2.forget(one)
    if newest and newest.id in ec2.alive:
        if deed == "terminate":
            clients.ec2().terminate_instances(InstanceIds=[newest.id])
        if deed == "stop" and request.state == "active":
            clients.ec2().stop_instances(InstanceIds=[newest.id])


def changes(cloud: Cloud) -> list[str]:
    """What EC2 was asked to change, in order."""
    return [call.operation for call in cloud.calls if not call.operation.startswith("Describe")]


def test_boot_that_failed_leaves_nothing_that_launches(ec2: EC2, address: Address) -> None:
    made = asked("Create", address, LAST)
    box, other = launch(ec2), launch(ec2, edition="2")
    do("terminate", ec2, box)  # as CloudFormation does, which has heard no signal

    deleted = asked("Delete", address, LAST, known=made["PhysicalResourceId"])

    assert made["Status"] == deleted["Status"] == "SUCCESS"
    assert made["PhysicalResourceId"] == deleted["PhysicalResourceId"] == "edition 1 of the workstation trainer"
    assert ec2.requests[box.request or ""].state == "cancelled"
    assert ec2.alive == [other.id]
    assert ec2.requests[other.request or ""].state == "active"


@pytest.mark.parametrize("late", [0, 5])
@pytest.mark.parametrize("dying", [0, 5])
@pytest.mark.parametrize("forgotten", [False, True])
def test_successor_goes_with_the_stack(ec2: EC2, address: Address, late: int, dying: int, *, forgotten: bool) -> None:
    box, other = launch(ec2), launch(ec2, workstation="painter")
    do("terminate", ec2, box)
    if forgotten:
        do("forget", ec2, box)
    ec2.late, ec2.dying = late, dying

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert ec2.requests[box.request or ""].state == "cancelled"
    assert {one.state for one in ec2.instances.values() if one is not other} == {"terminated"}
    assert ec2.alive == [other.id]


def test_request_is_cancelled_once_before_anything_is_terminated_once(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    launched, ec2.dying = ec2.launches, 20
    cloud.calls.clear()

    asked("Delete", address, box.id)

    assert changes(cloud) == ["CancelSpotInstanceRequests", "TerminateInstances"]
    assert ec2.launches == launched


def test_nothing_is_terminated_while_ec2_does_not_say_yet_that_the_request_is_over(
    ec2: EC2, cloud: Cloud, address: Address
) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    ec2.late = 20
    states: list[str] = []

    def sees(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "TerminateInstances" and not done:
            states.append(ec2.requests[box.request or ""].state)

    cloud.wait = sees
    asked("Delete", address, box.id)

    assert states == ["cancelled"]


@pytest.mark.parametrize("deeds", [deeds for size in range(4) for deeds in itertools.product(DEEDS, repeat=size)])
def test_whatever_was_done_before_nothing_of_the_edition_lives_on(
    ec2: EC2, address: Address, deeds: Sequence[str]
) -> None:
    box, next_one = launch(ec2), launch(ec2, edition="2")
    for deed in deeds:
        do(deed, ec2, box)

    said = asked("Delete", address, box.id)
    if box.id in ec2.alive:
        clients.ec2().terminate_instances(InstanceIds=[box.id])

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == [next_one.id]
    assert ec2.requests[next_one.request or ""].state == "active"


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped", "a-new-one"])
def test_successor_in_any_state_is_terminated(ec2: EC2, address: Address, state: str) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    successor = ec2.instances[ec2.alive[0]]
    successor.state = state
    ec2.requests[box.request or ""].state = "cancelled"

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert successor.state == "terminated"


def test_named_instance_is_left_to_cloudformation(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = launch(ec2)

    asked("Delete", address, box.id)

    assert ec2.alive == [box.id]
    assert changes(cloud) == ["CancelSpotInstanceRequests"]


@pytest.mark.parametrize("tagged", [False, True])
def test_successor_is_found_whether_or_not_it_got_its_tags(ec2: EC2, address: Address, *, tagged: bool) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    successor = ec2.instances[ec2.alive[0]]
    successor.tags = tags() if tagged else {}
    do("forget", ec2, box)

    asked("Delete", address, box.id)

    assert ec2.alive == []


def test_successor_of_a_request_without_tags_is_found_by_its_own_and_does_not_come_again(
    ec2: EC2, address: Address
) -> None:
    box = launch(ec2)
    ec2.requests[box.request or ""].tags = {}
    do("terminate", ec2, box)
    do("forget", ec2, box)

    asked("Delete", address, box.id)

    assert ec2.alive == []
    assert ec2.requests[box.request or ""].state == "cancelled"


def test_successor_whose_request_ec2_has_forgotten_goes_too(ec2: EC2, address: Address) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    do("forget", ec2, box)
    ec2.requests.clear()

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == []


def test_spot_instances_launched_by_hand_from_the_template_go_with_it(ec2: EC2, address: Address) -> None:
    box = launch(ec2)
    for _ in range(5):
        launch(ec2)
    launch(ec2, spot="one-time")

    asked("Delete", address, box.id)

    assert ec2.alive == [box.id]
    assert {one.state for one in ec2.requests.values()} == {"cancelled"}


def test_instance_on_demand_from_the_template_is_left_alone_and_named_once(
    ec2: EC2, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    box, by_hand, ended = launch(ec2), launch(ec2, spot=None), launch(ec2, spot=None)
    ended.state = "terminated"

    with caplog.at_level(logging.WARNING):
        said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == [box.id, by_hand.id]
    assert [record.getMessage() for record in caplog.records] == [
        f"{by_hand.id} was launched on demand by hand and is left alone, though it is tagged alike"
    ]


@pytest.mark.parametrize(
    "other", [{"project": "other"}, {"stage": "prod"}, {"workstation": "trainer-2"}, {"edition": "11"}]
)
def test_what_differs_in_one_tag_is_somebody_elses(ec2: EC2, address: Address, other: dict[str, str]) -> None:
    box, neighbour = launch(ec2), launch(ec2, **other)
    do("terminate", ec2, neighbour)
    successor = ec2.alive[-1]

    asked("Delete", address, box.id)

    assert ec2.alive == [box.id, successor]
    assert ec2.requests[neighbour.request or ""].state == "active"


def test_edition_that_follows_is_not_touched_when_the_old_one_goes(ec2: EC2, address: Address) -> None:
    old, new = launch(ec2), launch(ec2, edition="2")
    do("terminate", ec2, old)

    asked("Delete", address, old.id)

    assert ec2.alive == [new.id]
    assert ec2.requests[new.request or ""].state == "active"


def test_instance_that_the_stack_goes_on_with_is_spared_though_it_is_of_the_same_edition(
    ec2: EC2, address: Address
) -> None:
    old, new = launch(ec2), launch(ec2)
    do("terminate", ec2, old)

    said = asked("Delete", address, new.id, known=old.id)

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == [new.id]
    assert ec2.requests[new.request or ""].state == "active"


def test_tags_alone_lead_to_what_an_instance_that_was_never_named_has_left(ec2: EC2, address: Address) -> None:
    launch(ec2)

    said = asked("Delete", address, None, known="mlstack-sandbox-Release-1ABC")

    assert said["Status"] == "SUCCESS"
    assert ec2.alive == []


@pytest.mark.parametrize("key", sorted(WORKSTATION))
@pytest.mark.parametrize("told", HOSTILE)
def test_making_fails_without_a_property_to_look_for(
    ec2: EC2, cloud: Cloud, address: Address, key: str, told: object
) -> None:
    said = asked("Create", address, launch(ec2).id, workstation={**WORKSTATION, key: told})

    assert (said["Status"], said["Reason"]) == ("FAILED", f"the resource has no {key}")
    assert cloud.calls == []


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_making_names_everything_that_is_missing(address: Address, kind: str) -> None:
    said = asked(kind, address, None, workstation={})

    assert said["Reason"] == "the resource has no InstanceId, no Stage, no Workstation, no Edition"


@pytest.mark.parametrize("key", sorted(WORKSTATION))
@pytest.mark.parametrize("told", HOSTILE)
def test_deleting_without_a_property_goes_by_the_id_alone(ec2: EC2, address: Address, key: str, told: object) -> None:
    box, alike = launch(ec2), launch(ec2)
    do("terminate", ec2, box)

    said = asked("Delete", address, box.id, workstation={**WORKSTATION, key: told})

    assert said["Status"] == "SUCCESS"
    assert ec2.requests[box.request or ""].state == "cancelled"
    assert ec2.alive == [alike.id]


@pytest.mark.parametrize("told", ["0", "7", "123456789"])
def test_edition_is_a_number_as_text(ec2: EC2, address: Address, told: str) -> None:
    box = launch(ec2, edition=told)

    said = asked("Create", address, box.id, workstation={**WORKSTATION, "Edition": told})

    assert said["Data"] == {"SpotInstanceRequestId": box.request}


@pytest.mark.parametrize("told", ["1.0", "-1", "one", "²", "1234567890"])
def test_edition_that_is_no_number_fails(ec2: EC2, address: Address, told: str) -> None:
    said = asked("Create", address, launch(ec2).id, workstation={**WORKSTATION, "Edition": told})

    assert said["Reason"] == "the resource has no Edition"


def test_successor_that_ends_by_itself_meanwhile_is_no_error(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)

    def ends(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "TerminateInstances" and not done:
            ec2.instances.clear()

    cloud.wait = ends

    assert asked("Delete", address, box.id)["Status"] == "SUCCESS"


def test_successor_that_is_seen_late_is_not_missed(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = launch(ec2)
    do("terminate", ec2, box)
    [late] = ec2.alive
    hidden = ec2.instances.pop(late)

    def appears(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "CancelSpotInstanceRequests" and done:
            ec2.instances[late] = hidden

    cloud.wait = appears
    asked("Delete", address, box.id)

    assert hidden.state == "terminated"
