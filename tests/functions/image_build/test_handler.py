"""CloudFormation is answered once whatever comes of a build, however long it takes; a deletion builds nothing."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_build import handler
from image_build.order import Order, name_of
from image_build.relay import FIELD, LONGEST, MOST
from shared.custom_resource import UnfulfilledError
from tests.functions.cloudformation import Address, Context, request
from tests.functions.image_build.lab import ORDER, PROPERTIES, URI, Lab
from tests.functions.image_build.workshop import FAILS, NEVER_ENDS, REPOSITORY, TAG, Ending
from tests.functions.shared.cloud import Fault, refusing
from tests.functions.shared.timeline import CrashError

NEEDED = ("ProjectName", "RepositoryName", "Tag", "ImageUri")
OLD = f"{REPOSITORY}:old"


def event(kind: str, url: str, **properties: object) -> dict[str, Any]:
    """A request about an image."""
    return request(kind, url, OLD, ResourceProperties={**PROPERTIES, **properties})


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_an_image_is_built_and_its_address_answered(lab: Lab, address: Address, kind: str) -> None:
    old = {**PROPERTIES, "Tag": "old"}

    handler.handle(event(kind, address.url) | {"OldResourceProperties": old}, Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", f"{REPOSITORY}:{TAG}")
    assert said["Data"] == {"ImageUri": URI}
    assert lab.workshop.images == {TAG}


def test_an_update_back_to_an_image_that_is_there_builds_nothing(lab: Lab, address: Address) -> None:
    lab.workshop.images.add("old")

    handler.handle(event("Update", address.url, Tag="old"), Context())

    assert (address.bodies[0]["Status"], lab.workshop.builds) == ("SUCCESS", [])


@pytest.mark.parametrize("properties", [PROPERTIES, {"ServiceToken": "function"}])
def test_a_deletion_calls_nobody_and_succeeds(lab: Lab, address: Address, properties: dict[str, str]) -> None:
    handler.handle(request("Delete", address.url, OLD, ResourceProperties=properties), Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", OLD)
    assert lab.operations() == []


@pytest.mark.parametrize("missing", NEEDED)
@pytest.mark.parametrize("value", [None, "", 7, ["x"]])
def test_a_resource_without_a_property_fails_and_says_which(
    lab: Lab, address: Address, missing: str, value: object
) -> None:
    handler.handle(event("Create", address.url, **{missing: value}), Context())

    [said] = address.bodies
    assert (said["Status"], said["Reason"]) == ("FAILED", f"the resource has no {missing}")
    assert said["PhysicalResourceId"]
    assert lab.operations() == []


@pytest.mark.parametrize("properties", [{}, None])
def test_a_resource_without_any_property_fails_cleanly(lab: Lab, address: Address, properties: object) -> None:
    handler.handle(request("Create", address.url, OLD, ResourceProperties=properties), Context())

    assert address.bodies[0]["Status"] == "FAILED"
    assert lab.operations() == []


def test_a_failed_build_is_answered_with_its_reason_and_its_log(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([FAILS])

    handler.handle(event("Create", address.url), Context())

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "exit status 1" in said["Reason"]
    assert "https://console/log" in said["Reason"]


def answered(lab: Lab, asked: dict[str, Any], *, late_s: float = 1.0) -> int:
    """Let Lambda call the function as often as it asks for it; how often that was."""
    for number in itertools.count(1):  # pragma: no branch (it ends)
        before = lab.now()
        handler.handle(asked, Context(seconds=900))
        assert (lab.now() - before).total_seconds() < 880
        if not lab.workshop.invoked:
            return number
        [asked] = lab.workshop.invoked
        lab.workshop.invoked.clear()
        lab.timeline.sleep(late_s)
    raise AssertionError


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("late_s", [0.0, 1.0, 120.0])
def test_a_build_of_three_quarters_of_an_hour_is_waited_for(
    lab: Lab, address: Address, kind: str, late_s: float
) -> None:
    lab.workshop.endings = iter([Ending(lasts=45 * 60)])
    before = lab.now()

    assert answered(lab, event(kind, address.url), late_s=late_s) == 4

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", f"{REPOSITORY}:{TAG}")
    assert said["Data"] == {"ImageUri": URI}
    assert (said["StackId"], said["RequestId"]) == (event(kind, address.url)["StackId"], "request")
    assert len(lab.workshop.builds) == 1
    assert lab.now() - before < timedelta(minutes=46) + timedelta(seconds=late_s)


def test_the_next_invocation_gets_the_same_request_with_the_build_that_it_waits_for(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    asked = event("Update", address.url)

    handler.handle(asked, Context(seconds=900))

    [again] = lab.workshop.invoked
    assert again.pop(FIELD)["Build"] == lab.workshop.builds[0].id
    assert again == asked
    assert address.bodies == []


@pytest.mark.parametrize("seconds", [1, 60, 300, 899, 900])
def test_a_build_without_end_is_answered_within_the_hour_however_short_an_invocation_is(
    lab: Lab, address: Address, seconds: int
) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    before, events = lab.now(), [event("Create", address.url)]

    while events and len(lab.workshop.invoked) <= MOST:
        handler.handle(events.pop(), Context(seconds=seconds))
        events = [] if address.bodies else lab.workshop.invoked[-1:]

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "is not built yet: deploy again" in said["Reason"]
    assert 3 <= len(lab.workshop.invoked) <= MOST
    assert lab.now() - before < LONGEST + timedelta(minutes=1)


def test_a_build_that_fails_late_is_told_and_not_repeated(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([Ending("TIMED_OUT", reason="it took too long", lasts=45 * 60, pushes=False)])

    assert answered(lab, event("Create", address.url)) == 4

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "it took too long" in said["Reason"]
    assert len(lab.workshop.builds) == 1


def test_an_image_waits_for_its_turn_through_several_invocations(lab: Lab, address: Address) -> None:
    lab.workshop.room = 1
    lab.workshop.begin("other", Ending(lasts=45 * 60))

    assert answered(lab, event("Create", address.url)) == 4

    assert address.bodies[0]["Status"] == "SUCCESS"
    assert lab.workshop.images == {"other", TAG}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "RequestTooLargeException"])
def test_an_invocation_that_may_not_call_the_next_answers_that_it_failed(lab: Lab, address: Address, code: str) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    lab.cloud.faults = [Fault(answer=refusing(code, message="no\nway"), operation="Invoke")]

    assert answered(lab, event("Create", address.url)) == 1

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert f"Invoke: {code}: no way" in said["Reason"]
    assert said["Reason"].endswith("deploy again, which can")


def test_an_outage_of_lambda_is_answered_in_time(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    lab.cloud.faults = [Fault(answer=refusing("ServiceException", 500), operation="Invoke")]

    assert answered(lab, event("Create", address.url)) == 1

    assert address.bodies[0]["Status"] == "FAILED"


def test_a_request_that_lambda_delivers_twice_at_once_waits_for_one_build(lab: Lab, address: Address) -> None:
    lab.workshop.endings = itertools.repeat(Ending(lasts=45 * 60))

    for _ in range(2):
        handler.handle(event("Create", address.url), Context())
    first, second = lab.workshop.invoked
    lab.workshop.invoked.clear()
    for again in (first, second):
        answered(lab, again)

    assert [said["Status"] for said in address.bodies] == ["SUCCESS", "SUCCESS"]
    assert len(lab.workshop.builds) == 1


def test_an_invocation_that_died_is_begun_again_with_what_it_had(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([Ending(lasts=20 * 60)])
    handler.handle(event("Create", address.url), Context())
    [again] = lab.workshop.invoked
    lab.workshop.invoked.clear()

    def crash() -> dict[str, Any]:
        raise CrashError

    lab.cloud.faults = [Fault(answer=crash, operation="BatchGetBuilds")]
    with pytest.raises(CrashError):
        handler.handle(again, Context())
    lab.cloud.faults = []

    assert answered(lab, again) == 1
    assert address.bodies[0]["Status"] == "SUCCESS"
    assert len(lab.workshop.builds) == 1


@pytest.mark.parametrize("told", [None, [], "x", {}, {"Deadline": "tomorrow", "Handovers": 1}])
def test_an_event_that_carries_nonsense_builds_nothing_and_fails(lab: Lab, address: Address, told: object) -> None:
    handler.handle({**event("Create", address.url), FIELD: told}, Context())

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "deploy again" in said["Reason"]
    assert lab.operations() == []


def test_an_account_without_builds_is_answered_with_whom_to_ask(lab: Lab, address: Address) -> None:
    lab.workshop.room = 0

    handler.handle(event("Create", address.url), Context())

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "Cannot have more than 0 builds" in said["Reason"]
    assert "ask AWS Support" in said["Reason"]


@pytest.mark.parametrize("operation", ["DescribeImages", "ListBuildsForProject", "StartBuild", "BatchGetBuilds"])
def test_a_refusal_is_answered_with_its_reason(lab: Lab, address: Address, operation: str) -> None:
    lab.cloud.faults = [Fault(answer=refusing("InvalidInputException", message="x" * 5000), operation=operation)]

    handler.handle(event("Create", address.url), Context())

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert operation in said["Reason"]
    assert address.sizes[0] < 4096


def test_a_request_that_comes_again_is_answered_alike_and_builds_once(lab: Lab, address: Address) -> None:
    for _ in range(2):
        handler.handle(event("Create", address.url), Context())

    first, second = address.bodies
    assert first == second
    assert len(lab.workshop.builds) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


@given(properties=st.dictionaries(st.sampled_from([*PROPERTIES, "Other"]), JSON))
def test_properties_are_an_order_or_a_reason(properties: dict[str, Any]) -> None:
    lacking = [name for name in NEEDED if not isinstance(properties.get(name), str) or not properties[name]]

    if lacking:
        with pytest.raises(UnfulfilledError, match=f"the resource has no {lacking[0]}"):
            Order.read(properties)
    else:
        order = Order.read(properties)
        assert name_of(properties) == f"{order.repository}:{order.tag}"


def test_an_order_is_read_from_its_properties() -> None:
    assert Order.read(PROPERTIES) == ORDER
