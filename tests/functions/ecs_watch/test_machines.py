"""Instances that the cluster does not know or hear of, and those without a task, are ended; no other is."""

from datetime import timedelta

import pytest

from ecs_watch.handler import UnfinishedError
from tests.functions.ecs_watch.conftest import HOUR, MINUTE, Floor, Present, actions, handled
from tests.functions.region import GROUP_TAG
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing

NOTE = "mlstack:agent-silent-since"
ROUND = 5 * MINUTE


@pytest.mark.usefixtures("cloud")
def test_instance_that_never_registers_is_ended_and_its_group_wants_one_less(floor: Floor) -> None:
    lost, young = floor.up(16 * MINUTE), floor.up(15 * MINUTE)

    assert actions("instance") == {lost.id: "terminate", young.id: "leave"}
    assert (lost.state, young.state) == ("terminated", "running")
    assert floor.groups["spot"].desired == 1
    assert len(floor.ec2.instances) == 2


@pytest.mark.usefixtures("cloud")
def test_instance_without_a_task_is_ended_after_a_while(floor: Floor) -> None:
    idle, _ = floor.joined(5 * MINUTE)
    fresh, host = floor.joined(4 * MINUTE)

    assert actions("instance") == {idle.id: "terminate", fresh.id: "leave"}
    assert host.status == "ACTIVE"


def test_instance_gets_no_more_tasks_before_it_is_ended(floor: Floor, cloud: Cloud) -> None:
    floor.joined(HOUR)

    handled()

    ends = ("UpdateContainerInstancesState", "TerminateInstanceInAutoScalingGroup")
    deeds = [call for call in cloud.calls if call.operation in ends]
    assert [(call.operation, call.parameters.get("status")) for call in deeds] == [
        (ends[0], "DRAINING"),
        (ends[1], None),
    ]
    between = cloud.calls[cloud.calls.index(deeds[0]) : cloud.calls.index(deeds[1])]
    assert {"DescribeInstances", "DescribeContainerInstances", "ListTasks"} <= {call.operation for call in between}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("status", ["PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING"])
def test_instance_with_a_task_is_left(floor: Floor, status: str) -> None:
    box, host = floor.joined(9 * HOUR)
    floor.ran(8 * HOUR, host=host.arn, provider="spot", status=status)

    assert actions("instance") == {box.id: "leave"}
    assert host.status == "ACTIVE"


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("minutes", "action"), [(4, "leave"), (5, "terminate"), (50, "terminate")])
def test_idleness_counts_from_the_end_of_the_last_task(
    floor: Floor, present: Present, minutes: int, action: str
) -> None:
    box, host = floor.joined(9 * HOUR)
    for ago in (minutes, 55):
        stopped = present.now - ago * MINUTE
        floor.ran(8 * HOUR, host=host.arn, status="STOPPED", wanted="STOPPED", stopped=stopped)

    assert actions("instance") == {box.id: action}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("minutes", "action"), [(2, "leave"), (10, "leave"), (11, "terminate")])
def test_task_that_was_stopped_and_never_ends_does_not_keep_its_instance(
    floor: Floor, present: Present, minutes: int, action: str
) -> None:
    box, host = floor.joined(9 * HOUR)
    floor.ran(8 * HOUR, host=host.arn, wanted="STOPPED", stopping=present.now - minutes * MINUTE, late=99)

    assert actions("instance") == {box.id: action}


@pytest.mark.usefixtures("cloud")
def test_task_that_ends_since_nobody_knows_when_keeps_its_instance(floor: Floor) -> None:
    box, host = floor.joined(9 * HOUR)
    floor.ran(8 * HOUR, host=host.arn, wanted="STOPPED", late=99)

    assert actions("instance") == {box.id: "leave"}


def test_instance_that_shows_late_that_it_drains_is_ended_all_the_same(floor: Floor, cloud: Cloud) -> None:
    box, host = floor.joined(HOUR)

    def shows(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "UpdateContainerInstancesState" and done:
            host.status = "ACTIVE"

    cloud.wait = shows

    assert actions("instance") == {box.id: "terminate"}


def test_instance_that_registers_anew_while_it_is_drained_is_left(floor: Floor, cloud: Cloud) -> None:
    box, _ = floor.joined(HOUR)

    def registers(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "UpdateContainerInstancesState" and done:
            floor.join(box, registered=floor.present.now - HOUR)

    cloud.wait = registers

    assert actions("instance") == {box.id: "leave"}
    assert box.state == "running"


def test_task_that_comes_at_the_last_moment_saves_its_instance(floor: Floor, cloud: Cloud) -> None:
    box, host = floor.joined(HOUR)

    def comes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "UpdateContainerInstancesState" and not done and not floor.tasks:
            floor.run(host=host.arn, status="PENDING", created=floor.present.now)

    cloud.wait = comes

    assert actions("instance") == {box.id: "leave"}
    assert (box.state, host.status) == ("running", "ACTIVE")


@pytest.mark.usefixtures("cloud")
def test_instance_that_drains_for_another_reason_is_ended_when_it_is_idle(floor: Floor, cloud: Cloud) -> None:
    box, _ = floor.joined(HOUR, status="DRAINING")

    assert actions("instance") == {box.id: "terminate"}
    assert "UpdateContainerInstancesState" not in {call.operation for call in cloud.calls}


def test_instance_that_registers_at_the_last_moment_is_left(floor: Floor, cloud: Cloud) -> None:
    box, looks = floor.up(HOUR), iter(range(9))

    def registers(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "ListContainerInstances" and done and next(looks) == 0:
            floor.join(box, registered=floor.present.now)

    cloud.wait = registers

    assert actions("instance") == {box.id: "leave"}
    assert box.state == "running"


@pytest.mark.usefixtures("cloud")
def test_instance_whose_agent_stays_silent_is_ended_whatever_ran_on_it(floor: Floor, present: Present) -> None:
    box, host = floor.joined(9 * HOUR, connected=False)
    floor.ran(8 * HOUR, host=host.arn, provider="spot")
    seen = []

    for _ in range(4):
        seen.append(actions("instance")[box.id])
        present.now += ROUND

    assert seen == ["leave", "leave", "leave", "terminate"]
    assert box.state == "terminated"


@pytest.mark.usefixtures("cloud")
def test_agent_that_comes_back_begins_anew(floor: Floor, present: Present) -> None:
    box, host = floor.joined(9 * HOUR, connected=False)
    floor.ran(8 * HOUR, host=host.arn, provider="spot")
    seen = []

    for connected in (False, False, False, True, False, False, False):
        host.connected = connected
        seen.append((actions("instance")[box.id], NOTE in box.tags))
        present.now += ROUND

    assert seen == [("leave", connected) for connected in (True, True, True, False, True, True, True)]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("told", ["", "soon", "2026", "2001-01-01T00:00:00+00:00", "2100-01-01T00:00:00", "1\x00"])
def test_note_that_no_watch_has_written_is_written_anew(floor: Floor, present: Present, told: str) -> None:
    box, _ = floor.joined(9 * HOUR, connected=False)
    box.tags = {**box.tags, NOTE: told}

    assert actions("instance") == {box.id: "leave"}
    assert box.tags[NOTE] == present.now.isoformat()


@pytest.mark.usefixtures("cloud")
def test_instance_that_has_registered_again_is_heard_of(floor: Floor) -> None:
    box, _ = floor.joined(9 * HOUR, connected=False)
    floor.join(box, registered=floor.present.now - MINUTE)

    assert actions("instance") == {box.id: "leave"}
    assert NOTE not in box.tags


@pytest.mark.parametrize("group", ["", "painter"])
def test_instance_of_no_group_of_the_stage_is_let_alone(floor: Floor, cloud: Cloud, group: str) -> None:
    box = floor.up(900 * HOUR, group)
    floor.join(box)

    assert handled()["instances"] == []
    assert box.state == "running"
    assert "ListContainerInstances" not in {call.operation for call in cloud.calls}


@pytest.mark.usefixtures("cloud")
def test_instance_that_is_pending_for_too_long_is_ended_too(floor: Floor) -> None:
    box = floor.up(HOUR, state="pending")

    assert actions("instance") == {box.id: "terminate"}


def test_instance_that_ecs_does_not_drain_is_left_and_told(floor: Floor, cloud: Cloud) -> None:
    box, host = floor.joined(HOUR)

    def fails(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        hides = call.operation == "UpdateContainerInstancesState" and not done
        floor.hidden = {host.arn: "UNAVAILABLE"} if hides else {}

    cloud.wait = fails

    with pytest.raises(UnfinishedError, match=f"{box.id}: UpdateContainerInstancesState: UNAVAILABLE"):
        handled()

    assert (box.state, host.status) == ("running", "ACTIVE")


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("state", ["stopping", "stopped", "shutting-down", "terminated"])
def test_what_ends_or_has_ended_is_let_alone(floor: Floor, state: str) -> None:
    floor.up(900 * HOUR, state=state)

    assert handled()["instances"] == []


def test_instance_that_ends_by_itself_meanwhile_is_no_error(floor: Floor, cloud: Cloud) -> None:
    box, _ = floor.joined(HOUR)

    def ends(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "UpdateContainerInstancesState" and done:
            box.state = "shutting-down"
            box.late = 9

    cloud.wait = ends

    assert handled()["instances"][0]["reason"] == "it has ended by itself"


@pytest.mark.usefixtures("cloud")
def test_instance_that_no_group_has_any_more_is_told(floor: Floor) -> None:
    box, _ = floor.joined(HOUR)
    floor.groups.clear()

    with pytest.raises(UnfinishedError, match=f"{box.id}: TerminateInstanceInAutoScalingGroup: ValidationError"):
        handled()


BLIND = ["ListContainerInstances", "DescribeContainerInstances", "ListTasks", "DescribeTasks", "DescribeInstances"]


@pytest.mark.parametrize("operation", BLIND)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServerException"])
def test_look_that_cannot_see_ends_no_instance_that_it_does_not_know_and_says_so(
    floor: Floor, cloud: Cloud, operation: str, code: str
) -> None:
    idle, host = floor.joined(HOUR)
    lost = floor.up(HOUR)
    floor.ran(HOUR)
    cloud.faults = [Fault(answer=refusing(code), operation=operation)]

    with pytest.raises(UnfinishedError, match=f"{operation}: {code}"):
        handled()

    assert (idle.state, host.status) == ("running", "ACTIVE")
    # Whether the cluster knows an instance can be told without its tasks.
    assert lost.state == ("terminated" if operation in {"ListTasks", "DescribeTasks"} else "running")


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks"])
def test_tasks_that_cannot_be_seen_keep_no_silent_instance(
    floor: Floor, cloud: Cloud, present: Present, operation: str
) -> None:
    box, _ = floor.joined(9 * HOUR, connected=False)
    floor.ran(HOUR)
    box.tags = {**box.tags, NOTE: (present.now - 16 * MINUTE).isoformat()}
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation=operation)]

    with pytest.raises(UnfinishedError):
        handled()

    assert box.state == "terminated"


@pytest.mark.parametrize("operation", ["ListContainerInstances", "DescribeInstances", "DescribeContainerInstances"])
def test_instances_that_cannot_be_seen_keep_no_task(floor: Floor, cloud: Cloud, operation: str) -> None:
    floor.joined(HOUR)
    old = floor.ran(30 * HOUR)
    cloud.faults = [Fault(answer=refusing("AccessDeniedException"), operation=operation)]

    with pytest.raises(UnfinishedError):
        handled()

    assert old.wanted == "STOPPED"


def test_registration_that_ecs_hides_spares_what_nobody_hears_of(floor: Floor, cloud: Cloud) -> None:
    idle, _ = floor.joined(HOUR)
    hidden, host = floor.joined(HOUR)
    floor.hidden[host.arn] = "UNAVAILABLE"

    with pytest.raises(UnfinishedError, match="UNAVAILABLE"):
        handled()

    assert cloud.calls
    assert (idle.state, hidden.state) == ("terminated", "running")


DEEDS = ["UpdateContainerInstancesState", "TerminateInstanceInAutoScalingGroup"]


@pytest.mark.parametrize("operation", DEEDS)
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("code", ["AccessDeniedException", "ScalingActivityInProgress", "ServerException"])
def test_one_that_cannot_be_ended_hides_no_other_and_is_told_at_the_end(
    floor: Floor, cloud: Cloud, operation: str, number: int, code: str
) -> None:
    made = [floor.joined(HOUR) for _ in range(3)]
    box, host = made[number]
    about = host.arn if operation == DEEDS[0] else box.id
    cloud.faults = [Fault(answer=refusing(code), operation=operation, about=about)]

    with pytest.raises(UnfinishedError, match=f"{box.id}: {operation}: {code}"):
        handled()

    assert [one for one, _ in made if one.state == "running"] == [box]


@pytest.mark.parametrize(("operation", "connected"), [("CreateTags", False), ("DeleteTags", True)])
def test_note_that_cannot_be_written_is_told_and_hides_no_other(
    floor: Floor, cloud: Cloud, operation: str, *, connected: bool
) -> None:
    box, host = floor.joined(9 * HOUR, connected=connected)
    floor.ran(HOUR, host=host.arn, provider="spot")
    box.tags = {**box.tags, NOTE: "" if not connected else (floor.present.now - HOUR).isoformat()}
    lost = floor.up(HOUR)
    cloud.faults = [Fault(answer=refusing("UnauthorizedOperation"), operation=operation)]

    with pytest.raises(UnfinishedError, match=f"{box.id}: {operation}: UnauthorizedOperation"):
        handled()

    assert (box.state, lost.state) == ("running", "terminated")


def test_instance_that_was_drained_and_cannot_be_looked_at_again_is_ended_by_the_next_round(
    floor: Floor, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    box, host = floor.joined(HOUR)

    def fails(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "UpdateContainerInstancesState" and done:
            cloud.faults = [Fault(answer=refusing("ServerException", 500), operation="DescribeInstances")]

    cloud.wait = fails
    with pytest.raises(UnfinishedError):
        handled()
    left, told = (box.state, host.status), caplog.text
    cloud.faults, cloud.wait = [], lambda _call, _done: None
    handled()

    assert left == ("running", "DRAINING")
    assert "nobody can tell whether it is still there" in told
    assert "it has ended by itself" not in told
    assert box.state == "terminated"


@pytest.mark.parametrize("place", range(19))
@pytest.mark.parametrize("lost", [False, True])
def test_fault_at_any_call_is_made_good_by_the_next_round(
    floor: Floor, cloud: Cloud, place: int, *, lost: bool
) -> None:
    idle, _ = floor.joined(HOUR)
    used, host = floor.joined(HOUR)
    old, run = floor.ran(30 * HOUR), floor.ran(HOUR, host=host.arn, provider="spot")
    cloud.faults = [Fault(answer=refusing("ServerException", 500), place=place, after=lost)]
    with pytest.raises(UnfinishedError, match="ServerException"):
        handled()
    cloud.faults = []

    handled()

    assert cloud.struck
    assert (idle.state, used.state, host.status) == ("terminated", "running", "ACTIVE")
    assert (old.wanted, run.wanted) == ("STOPPED", "RUNNING")


@pytest.mark.usefixtures("cloud")
def test_group_keeps_what_it_is_tagged_with(floor: Floor) -> None:
    box = floor.up(timedelta())

    [line] = handled()["instances"]

    assert line["group"] == box.tags[GROUP_TAG] == "spot"
