"""The function finds, judges and ends every workstation, whatever AWS refuses of one of them."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.functions.shared.cloud import Cloud, Fault, refusing
from tests.functions.workstation_watch.conftest import HOUR, MINUTE, STAGE, Region, actions, handled, silent
from workstation_watch.handler import UnfinishedError


@pytest.mark.usefixtures("cloud")
def test_workstations_that_are_young_or_heard_of_are_left(region: Region) -> None:
    young, used = region.launch(age=10 * MINUTE), region.launch(beat=5 * MINUTE)

    assert actions() == {young.id: "leave", used.id: "leave"}
    assert (young.state, used.state) == ("running", "running")


@pytest.mark.usefixtures("cloud")
def test_heartbeat_of_another_instance_saves_nobody(region: Region) -> None:
    silent_one, used = silent(region), region.launch(beat=MINUTE)

    assert actions() == {silent_one.id: "stop", used.id: "leave"}


@pytest.mark.usefixtures("cloud")
def test_every_instance_of_every_page_is_judged_by_the_time_of_its_own_name(region: Region) -> None:
    boxes = {
        region.launch(name, age=5 * HOUR, beat=MINUTE).id: action
        for name, action in (("trainer", "leave"), ("painter", "stop"), ("stranger", "stop"), ("", "stop"))
    }

    assert actions() == boxes


@pytest.mark.usefixtures("cloud")
def test_workstation_that_was_launched_by_hand_is_seen_beside_the_stack_s(region: Region) -> None:
    first, second = silent(region), silent(region)

    assert actions() == {first.id: "stop", second.id: "stop"}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"project": "mlstack", "stage": STAGE},
        {"project": "mlstack", "stage": "prod", "workstation": "trainer"},
        {"project": "other", "stage": STAGE, "workstation": "trainer"},
        {"stage": STAGE, "workstation": "trainer"},
    ],
)
def test_what_is_no_workstation_of_the_stage_is_let_alone(region: Region, tags: Mapping[str, str]) -> None:
    box = region.launch(tags=tags)

    assert handled() == []
    assert box.state == "running"


@pytest.mark.parametrize("state", ["stopping", "stopped", "shutting-down", "terminated"])
def test_what_ends_or_has_ended_is_let_alone(region: Region, cloud: Cloud, state: str) -> None:
    region.launch(age=900 * HOUR, state=state)

    assert handled() == []
    assert {call.operation for call in cloud.calls} == {"DescribeInstances"}


@pytest.mark.usefixtures("cloud")
def test_pending_workstation_is_judged_as_well(region: Region) -> None:
    young, old = region.launch(age=MINUTE, state="pending"), region.launch(state="pending")

    assert actions() == {young.id: "leave", old.id: "stop"}


@pytest.mark.usefixtures("cloud")
def test_stage_without_workstations_is_no_error() -> None:
    assert handled() == []


@pytest.mark.usefixtures("cloud")
def test_each_instance_is_logged_in_one_line_of_json_with_the_reason(
    region: Region, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    old, used = region.launch(age=13 * HOUR), region.launch(beat=5 * MINUTE)

    said = handled()

    logged = [json.loads(one.getMessage()) for one in caplog.records if one.name == "workstation_watch.handler"]
    assert logged == said
    assert said == [
        {
            "workstation": "trainer",
            "instance": old.id,
            "state": "running",
            "since": "2026-11-20T02:00:00+00:00",
            "action": "stop",
            "reason": "it has run for 13 h and may for 12 h",
        },
        {
            "workstation": "trainer",
            "instance": used.id,
            "state": "running",
            "since": "2026-11-20T12:00:00+00:00",
            "action": "leave",
            "reason": "its agent was heard of at 2026-11-20 14:55 UTC",
        },
    ]


@pytest.mark.parametrize(("code", "status"), [("UnauthorizedOperation", 403), ("InternalError", 500)])
def test_instances_that_cannot_be_listed_are_an_error(region: Region, cloud: Cloud, code: str, status: int) -> None:
    silent(region)
    cloud.faults = [Fault(answer=refusing(code, status), operation="DescribeInstances")]

    with pytest.raises(ClientError, match=code):
        handled()


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling", "InternalServiceFault"])
def test_heartbeats_that_cannot_be_read_leave_the_longest_time_and_are_told(
    region: Region, cloud: Cloud, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    silent_one, old = silent(region), region.launch(age=13 * HOUR)
    cloud.faults = [Fault(answer=refusing(code, 400), operation="GetMetricData")]

    with pytest.raises(UnfinishedError, match=f"{silent_one.id}: its heartbeat cannot be read"):
        handled()

    assert (silent_one.state, old.state) == ("running", "stopped")
    assert "only its longest time of 12 h counts" in caplog.text


def test_heartbeat_is_not_asked_for_where_all_are_too_old_anyway(region: Region, cloud: Cloud) -> None:
    box = region.launch(age=13 * HOUR)

    assert actions() == {box.id: "stop"}
    assert "GetMetricData" not in {call.operation for call in cloud.calls}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("code", ["UnauthorizedOperation", "RequestLimitExceeded", "OperationNotPermitted"])
def test_one_that_cannot_be_stopped_hides_no_other_and_is_told_at_the_end(
    region: Region, cloud: Cloud, number: int, code: str
) -> None:
    boxes = [silent(region) for _ in range(3)]
    struck = boxes[number]
    cloud.faults = [Fault(answer=refusing(code), operation="StopInstances", about=struck.id)]

    with pytest.raises(UnfinishedError, match=f"{struck.id}: StopInstances: {code}"):
        handled()

    assert [box.state for box in boxes if box is not struck] == ["stopped", "stopped"]
    assert struck.state == "running"


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("lost", [False, True])
def test_fault_at_any_call_is_made_good_by_the_next_round(
    region: Region, cloud: Cloud, place: int, *, lost: bool
) -> None:
    silent(region)
    one_time, used = silent(region, "one-time"), region.launch(beat=timedelta())
    cloud.faults = [Fault(answer=refusing("InternalError", 500), place=place, after=lost)]
    try:
        handled()
    except (UnfinishedError, ClientError):
        cloud.faults = []

    handled()

    assert cloud.struck
    assert [box.state for box in region.ec2.instances.values()] == ["stopped", "terminated", "running"]
    assert (one_time.state, used.state) == ("terminated", "running")
