"""Where CloudFormation cannot say whether the stack rolls back, no machine is ended, and nothing else is refused."""

import logging

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.custom_resource import LONGEST_REASON
from tests.functions.cloudformation import Address, Time
from tests.functions.shared.cloud import Answer, Cloud, Fault, raising, refusing
from tests.functions.workstation_edition.conftest import SPOT, Stack, machine, updated

SILENT = [
    refusing("AccessDenied", 403, "Encoded failure:\n" + "x" * 5000),
    refusing("ValidationError", 400, "Stack does not exist"),
    refusing("Throttling", 400),
    refusing("InternalFailure", 500),
    raising(EndpointConnectionError(endpoint_url="https://cloudformation")),
]
MINUTES = 240


@pytest.mark.parametrize("answer", SILENT)
def test_change_that_ends_no_machine_passes_and_is_logged(
    cloud: Cloud, address: Address, time: Time, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.faults = [Fault(answer=answer)]

    with caplog.at_level(logging.WARNING):
        said = updated(address, machine(**SPOT))

    assert said["Status"] == "SUCCESS"
    assert "nobody knows whether the stack rolls back" in caplog.text
    assert "let pass: market of [workstations.gpu] is decided" in caplog.text
    assert (time.now() - Time.present).total_seconds() < MINUTES


@pytest.mark.parametrize("answer", SILENT)
@pytest.mark.usefixtures("time")
def test_change_that_ends_the_machine_is_refused_with_the_way_on_for_a_roll_back(
    cloud: Cloud, address: Address, answer: Answer
) -> None:
    cloud.faults = [Fault(answer=answer)]

    said = updated(address, machine(Edition="9998", Workstation="a" * 20), machine(Edition="9999"))

    assert said["Status"] == "FAILED"
    assert said["Reason"].startswith("edition 9998 of [workstations.aaaaaaaaaaaaaaaaaaaa] is lower than 9999")
    assert said["Reason"].endswith("if so, go on with aws cloudformation continue-update-rollback")
    assert "\n" not in said["Reason"]
    assert len(said["Reason"]) < LONGEST_REASON


@pytest.mark.usefixtures("time", "cloud")
def test_stack_that_cloudformation_does_not_know_tells_nothing(stack: Stack, address: Address) -> None:
    stack.known = False

    assert updated(address, machine(System="any"))["Status"] == "SUCCESS"
    assert updated(address, machine(Edition="1"))["Status"] == "FAILED"


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
@pytest.mark.parametrize("answer", SILENT[2:])
@pytest.mark.usefixtures("time")
def test_fault_that_passes_changes_nothing(
    cloud: Cloud, stack: Stack, address: Address, answer: Answer, status: str
) -> None:
    stack.status = status
    cloud.faults = [Fault(answer=answer, place=place) for place in range(4)]

    said = updated(address, machine(Edition="1"))

    assert said["Status"] == ("SUCCESS" if "ROLLBACK" in status else "FAILED")
    assert len(cloud.struck) == len(cloud.faults)
    assert "continue-update-rollback" not in said.get("Reason", "")


@pytest.mark.usefixtures("time")
def test_bug_is_answered_too(cloud: Cloud, address: Address) -> None:
    cloud.faults = [Fault(answer=raising(RuntimeError("a bug")))]

    assert updated(address, machine(Edition="1"))["Reason"] == "RuntimeError: a bug"
