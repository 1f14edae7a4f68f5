"""A deploy that would hurt a machine fails in one line, and no roll-back ever does."""

import boto3
import pytest

from shared import clients
from tests.functions.cloudformation import Address, Context, request
from tests.functions.shared.cloud import Cloud
from tests.functions.workstation_edition.conftest import CALLED, MACHINE, SPOT, Stack, asked, machine, updated
from workstation_edition import handler

pytestmark = pytest.mark.usefixtures("time")

ROLLING_BACK = (
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
)
GOING_ON = ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "CREATE_IN_PROGRESS", "A_NEW_ONE")


@pytest.mark.parametrize("other", [{}, SPOT, {**SPOT, "Market": "one-time"}])
def test_workstation_is_made_and_called_like_its_stage_and_itself(
    cloud: Cloud, address: Address, other: dict[str, str]
) -> None:
    said = asked("Create", address, machine(**other))

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", CALLED)
    assert cloud.calls == []


def test_lower_edition_is_refused_with_the_way_on(cloud: Cloud, address: Address) -> None:
    said = updated(address, machine(Edition="1"))

    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", CALLED)
    assert said["Reason"] == (
        "edition 1 of [workstations.gpu] is lower than 2, which is deployed, and would make another machine: say "
        "edition = 3 to make one, or 2 to keep it"
    )
    assert [call.parameters for call in cloud.calls] == [{"StackName": said["StackId"]}]


def test_what_a_launch_decides_is_refused_with_the_way_on(cloud: Cloud, address: Address) -> None:
    said = updated(address, machine(System="amazon-linux-2023", **SPOT))

    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", CALLED)
    assert said["Reason"] == (
        "os and market of [workstations.gpu] are decided when its machine is made: say edition = 3 to make it anew, "
        "with an empty disk, or change them back"
    )
    assert len(cloud.calls) == 1


@pytest.mark.parametrize("edition", ["3", "10", "9999"])
def test_higher_edition_may_change_everything(cloud: Cloud, address: Address, edition: str) -> None:
    said = updated(address, machine(Edition=edition, System="amazon-linux-2023", Processor="arm64", **SPOT))

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", CALLED)
    assert cloud.calls == []


def test_update_that_changes_nothing_of_the_machine_asks_nothing(cloud: Cloud, address: Address) -> None:
    said = updated(address, machine(ServiceTimeout="300"))

    assert said["Status"] == "SUCCESS"
    assert cloud.calls == []


@pytest.mark.parametrize("new", [machine(Edition="1"), machine(System="any"), {}, machine(Market="lease")])
@pytest.mark.parametrize("status", ROLLING_BACK)
@pytest.mark.usefixtures("cloud")
def test_roll_back_is_never_refused(stack: Stack, address: Address, status: str, new: object) -> None:
    stack.status = status

    assert updated(address, new)["Status"] == "SUCCESS"


@pytest.mark.parametrize("new", [machine(Edition="1"), machine(System="any"), {}, machine(Market="lease")])
@pytest.mark.parametrize("status", GOING_ON)
@pytest.mark.usefixtures("cloud")
def test_what_is_no_roll_back_is_refused(stack: Stack, address: Address, status: str, new: object) -> None:
    stack.status = status

    assert updated(address, new)["Status"] == "FAILED"


@pytest.mark.parametrize("old", [{}, None, {"ServiceToken": "function"}])
def test_update_of_what_an_older_mlstack_made_is_not_compared(cloud: Cloud, address: Address, old: object) -> None:
    assert updated(address, machine(), old)["Status"] == "SUCCESS"
    assert cloud.calls == []


@pytest.mark.parametrize("properties", [MACHINE, machine(Edition="1"), {}, None])
def test_deletion_succeeds_whatever_it_is_about(cloud: Cloud, address: Address, properties: object) -> None:
    said = asked("Delete", address, properties)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", CALLED)
    assert cloud.calls == []


@pytest.mark.parametrize("name", MACHINE)
@pytest.mark.parametrize("told", [None, " ", "x\n", "x" * 129, 7, ["x"], {"Ref": "X"}])
def test_unfit_property_fails_to_be_made_and_is_named(cloud: Cloud, address: Address, name: str, told: object) -> None:
    said = asked("Create", address, machine(**{**SPOT, name: told}))

    assert (said["Status"], said["Reason"]) == ("FAILED", f"the resource has no {name}")
    assert cloud.calls == []


@pytest.mark.parametrize(
    ("other", "missing"),
    [
        ({"Edition": "0"}, "Edition"),
        ({"Edition": "-1"}, "Edition"),
        ({"Edition": "1.5"}, "Edition"),
        ({"Edition": "\N{ARABIC-INDIC DIGIT TWO}"}, "Edition"),
        ({"Market": "Spot", "Type": "g5.xlarge"}, "Market"),
        ({"Market": "spot"}, "Type"),
        ({"Market": "one-time"}, "Type"),
        ({"Type": "g5.xlarge"}, "Type"),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_value_that_makes_no_sense_fails_to_be_made(address: Address, other: dict[str, str], missing: str) -> None:
    assert asked("Create", address, machine(**other))["Reason"] == f"the resource has no {missing}"


@pytest.mark.usefixtures("cloud")
def test_empty_resource_names_all_that_it_lacks(address: Address) -> None:
    said = asked("Create", address, {})

    assert said["Reason"] == f"the resource has no {', no '.join(MACHINE)}"
    assert said["PhysicalResourceId"] == "Any"


@pytest.mark.usefixtures("aws")
def test_stack_of_moto_is_asked(monkeypatch: pytest.MonkeyPatch, address: Address) -> None:
    client = boto3.client("cloudformation")
    monkeypatch.setattr(clients, "cloudformation", lambda: client)
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    made = client.create_stack(StackName="mlstack-sandbox-Any", TemplateBody=template)["StackId"]
    event = request(
        "Update",
        address.url,
        CALLED,
        StackId=made,
        ResourceProperties=machine(System="any"),
        OldResourceProperties=MACHINE,
    )

    handler.handle(event, Context(300))

    assert address.bodies[-1]["Reason"].startswith("os of [workstations.gpu] is decided when its machine is made")
