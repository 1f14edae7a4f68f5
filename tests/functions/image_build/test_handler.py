"""CloudFormation is answered whatever comes of a build, and a deletion builds nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_build import handler
from image_build.order import Order, name_of
from shared.custom_resource import UnfulfilledError
from tests.functions.cloudformation import Address, Context, request
from tests.functions.image_build.lab import ORDER, PROPERTIES, URI, Lab
from tests.functions.image_build.workshop import FAILS, NEVER_ENDS, REPOSITORY, TAG
from tests.functions.shared.cloud import Fault, refusing

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


def test_a_build_without_end_is_answered_before_the_function_ends(lab: Lab, address: Address) -> None:
    lab.workshop.endings = iter([NEVER_ENDS])
    before = lab.now()

    handler.handle(event("Create", address.url), Context(seconds=900))

    assert address.bodies[0]["Status"] == "FAILED"
    assert (lab.now() - before).total_seconds() < 880


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
