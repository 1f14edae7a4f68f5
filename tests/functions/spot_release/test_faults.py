"""Whatever AWS refuses at whatever call, CloudFormation hears in time whether the instance may be terminated."""

import itertools

import pytest

from shared import clients
from shared.custom_resource import LONGEST_REASON
from tests.functions.cloudformation import Address, Time
from tests.functions.ec2 import EC2, Instance
from tests.functions.shared.cloud import Call, Cloud, Fault, raising, refusing
from tests.functions.spot_release.conftest import asked, tags

CODE, LONG = "UnauthorizedOperation", "Encoded failure:\n" + "x" * 5000
PLACES = 32
"""How many calls it takes to end the request of a box that was terminated by hand, and what the request launched."""

pytestmark = pytest.mark.usefixtures("time")


def succeeded(ec2: EC2) -> tuple[Instance, Instance]:
    """A box that somebody has terminated by hand, and what its request launched in its stead."""
    box = ec2.launch(spot="persistent", tags=tags())
    clients.ec2().terminate_instances(InstanceIds=[box.id])
    [successor] = ec2.alive
    return box, ec2.instances[successor]


@pytest.mark.usefixtures("cloud")
def test_request_that_stays_is_told_in_time_by_name(ec2: EC2, address: Address, time: Time) -> None:
    ec2.late = 10_000
    box = ec2.launch(spot="persistent")

    said = asked("Delete", address, box.id, seconds=120)

    assert said["Status"] == "FAILED"
    assert "some Spot requests or instances are left: destroy the stack again in some minutes" in said["Reason"]
    assert f"{box.request} (active)" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeSpotInstanceRequests"])
def test_look_that_is_refused_fails_in_one_line_with_the_way_on(
    ec2: EC2, cloud: Cloud, address: Address, time: Time, operation: str
) -> None:
    box = ec2.launch(spot="persistent")
    cloud.faults = [Fault(answer=refusing(CODE, 403, LONG), operation=operation)]

    said = asked("Delete", address, box.id)

    assert said["Status"] == "FAILED"
    assert said["Reason"] == (
        f"{operation} was refused ({CODE}), and a Spot request of {box.id} may launch another instance: allow it, or "
        "cancel the request by hand, and destroy the stack again"
    )
    assert len(said["Reason"]) <= LONGEST_REASON
    assert time.now() == Time.present
    assert ec2.requests[box.request or ""].state == "active"


def test_look_by_tags_alone_that_is_refused_names_the_workstation(cloud: Cloud, address: Address, time: Time) -> None:
    cloud.faults = [Fault(answer=refusing(CODE, 403, LONG))]

    said = asked("Delete", address, None, known="mlstack-sandbox-Release-1ABC")

    assert "and a Spot request of edition 1 of the workstation trainer may launch another" in said["Reason"]
    assert time.now() == Time.present


def test_cancelling_that_is_refused_fails_in_one_line_and_terminates_nothing(
    ec2: EC2, cloud: Cloud, address: Address, time: Time
) -> None:
    box, successor = succeeded(ec2)
    cloud.faults = [Fault(answer=refusing(CODE, 403, LONG), operation="CancelSpotInstanceRequests")]

    said = asked("Delete", address, box.id)

    assert said["Status"] == "FAILED"
    assert said["Reason"] == (
        f"CancelSpotInstanceRequests was refused ({CODE}) for {box.request}: allow it, or cancel it by hand, and "
        "destroy the stack again"
    )
    assert time.now() == Time.present
    assert ec2.alive == [successor.id]


def test_termination_that_is_refused_fails_in_one_line_after_the_request_is_over(
    ec2: EC2, cloud: Cloud, address: Address
) -> None:
    box, successor = succeeded(ec2)
    cloud.faults = [Fault(answer=refusing(CODE, 403, LONG), operation="TerminateInstances")]

    said = asked("Delete", address, box.id)

    assert said["Status"] == "FAILED"
    assert said["Reason"] == (
        f"TerminateInstances was refused ({CODE}) for {successor.id}: allow it, or terminate it by hand, and "
        "destroy the stack again"
    )
    assert ec2.requests[box.request or ""].state == "cancelled"


def test_one_that_is_refused_holds_up_no_other(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = ec2.launch(spot="persistent", tags=tags())
    by_hand = [ec2.launch(spot="persistent", tags=tags()) for _ in range(6)]
    protected = [by_hand[number].id for number in (0, 2, 3, 5)]
    cloud.faults = [
        Fault(answer=refusing("OperationNotPermitted"), operation="TerminateInstances", about=name)
        for name in protected
    ]

    said = asked("Delete", address, box.id)

    assert said["Status"] == "FAILED"
    assert f"(OperationNotPermitted) for {', '.join(protected[:3])} and 1 more: allow it, or" in said["Reason"]
    assert ec2.alive == [box.id, *protected]


@pytest.mark.usefixtures("cloud")
def test_instance_that_does_not_end_in_time_is_told_by_name(ec2: EC2, address: Address, time: Time) -> None:
    box, successor = succeeded(ec2)
    ec2.dying = 10_000

    said = asked("Delete", address, box.id, seconds=120)

    assert said["Status"] == "FAILED"
    assert f"Left: {successor.id} (shutting-down)" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


def test_story_takes_so_many_calls(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box, _ = succeeded(ec2)
    cloud.calls.clear()

    asked("Delete", address, box.id)

    assert len(cloud.calls) == PLACES


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("place", range(PLACES))
def test_fault_that_passes_at_any_call_changes_nothing(
    ec2: EC2, cloud: Cloud, address: Address, place: int, *, lost: bool
) -> None:
    box, _ = succeeded(ec2)
    other = ec2.launch(spot="persistent", tags=tags(workstation="painter"))
    cloud.places = itertools.count()
    answer = refusing("InternalError", 500) if lost else refusing("RequestLimitExceeded", 503)
    cloud.faults = [Fault(answer=answer, place=place, after=lost)]

    said = asked("Delete", address, box.id)

    assert said["Status"] == "SUCCESS"
    assert cloud.struck
    assert ec2.alive == [other.id]
    assert ec2.requests[box.request or ""].state == "cancelled"


@pytest.mark.parametrize("place", range(PLACES))
def test_refusal_at_any_call_is_told_and_the_next_destroy_goes_on(
    ec2: EC2, cloud: Cloud, address: Address, place: int
) -> None:
    box, _ = succeeded(ec2)
    cloud.places = itertools.count()
    cloud.faults = [Fault(answer=refusing(CODE, 403, LONG), place=place)]

    failed = asked("Delete", address, box.id)
    again = asked("Delete", address, box.id)

    assert failed["Status"] == "FAILED"
    assert CODE in failed["Reason"]
    assert "\n" not in failed["Reason"]
    assert again["Status"] == "SUCCESS"
    assert ec2.alive == []


def test_outage_without_end_is_given_up_in_time(ec2: EC2, cloud: Cloud, address: Address, time: Time) -> None:
    box = ec2.launch(spot="persistent")
    cloud.faults = [Fault(answer=refusing("Unavailable", 503))]

    said = asked("Delete", address, box.id, seconds=120)

    assert said["Status"] == "FAILED"
    assert "not all Spot requests or instances could be looked at in time" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


def test_bug_is_answered_too(ec2: EC2, cloud: Cloud, address: Address) -> None:
    cloud.faults = [Fault(answer=raising(RuntimeError("a bug")))]

    assert asked("Delete", address, ec2.launch(spot="persistent").id)["Reason"] == "RuntimeError: a bug"


def test_request_that_goes_while_it_is_cancelled_is_no_error(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = ec2.launch(spot="persistent")

    def goes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "CancelSpotInstanceRequests" and not done:
            ec2.requests.clear()

    cloud.wait = goes

    assert asked("Delete", address, box.id)["Status"] == "SUCCESS"


@pytest.mark.usefixtures("cloud")
def test_making_waits_for_what_passes(ec2: EC2, cloud: Cloud, address: Address) -> None:
    box = ec2.launch(spot="persistent")
    cloud.faults = [Fault(answer=refusing("RequestLimitExceeded", 503), place=place) for place in (0, 2)]

    assert asked("Create", address, box.id)["Data"] == {"SpotInstanceRequestId": box.request}
