"""A group asks for no instance that would come when nobody needs it any more, and for every other one."""

import pytest

from ecs_watch.handler import UnfinishedError
from tests.functions.ecs_watch.conftest import HOUR, MINUTE, Floor, actions, handled
from tests.functions.shared.cloud import Call, Cloud, Fault, refusing


def test_group_that_nobody_waits_for_asks_for_none(floor: Floor, cloud: Cloud) -> None:
    group = floor.ask(desired=2)

    assert actions("group") == {"spot": "lower"}
    assert group.desired == 0
    [call] = [one for one in cloud.calls if one.operation == "SetDesiredCapacity"]
    assert call.parameters["HonorCooldown"] is False


@pytest.mark.usefixtures("cloud")
def test_group_of_a_task_that_is_given_up_asks_for_none_in_the_same_look(floor: Floor) -> None:
    group = floor.ask()
    task = floor.ran(13 * MINUTE, status="PROVISIONING", provider="spot", late=9)

    assert actions("group") == {"spot": "lower"}
    assert (task.wanted, task.status, group.desired) == ("STOPPED", "PROVISIONING", 0)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("status", ["PROVISIONING", "PENDING"])
@pytest.mark.parametrize("owner", ["family:mlstack-sandbox-training", "service:tagger"])
def test_group_that_a_task_waits_for_asks_on(floor: Floor, status: str, owner: str) -> None:
    group = floor.ask()
    floor.ran(MINUTE, status=status, provider="spot", group=owner)

    assert actions("group") == {"spot": "leave"}
    assert group.desired == 1


@pytest.mark.usefixtures("cloud")
def test_task_that_waits_for_another_group_keeps_only_that(floor: Floor) -> None:
    spot, on_demand = floor.ask(), floor.ask("on-demand")
    floor.ran(MINUTE, status="PROVISIONING", provider="on-demand")

    handled()

    assert (spot.desired, on_demand.desired) == (0, 1)


@pytest.mark.parametrize("provider", ["FARGATE", "FARGATE_SPOT", ""])
def test_task_that_needs_no_instance_keeps_no_group(floor: Floor, cloud: Cloud, provider: str) -> None:
    group = floor.ask()
    floor.ran(MINUTE, status="PROVISIONING", provider=provider)

    handled()

    assert group.desired == 0
    assert "DescribeCapacityProviders" not in {call.operation for call in cloud.calls}


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("status", ["RUNNING", "DEPROVISIONING"])
def test_task_that_waits_no_more_keeps_no_group(floor: Floor, status: str) -> None:
    group = floor.ask()
    floor.ran(MINUTE, status=status, provider="spot", host="gone")

    handled()

    assert group.desired == 0


@pytest.mark.usefixtures("cloud")
def test_group_is_known_by_what_its_provider_says(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUPS", '["Stack-Group-1A", "Stack-Group-1B"]')
    floor.providers = {"spot": "Stack-Group-1A", "on-demand": "Stack-Group-1B"}
    floor.ask("Stack-Group-1A")
    floor.ask("Stack-Group-1B")
    floor.ran(MINUTE, status="PROVISIONING", provider="spot")

    assert actions("group") == {"Stack-Group-1A": "leave", "Stack-Group-1B": "lower"}


@pytest.mark.parametrize("state", ["pending", "running", "shutting-down"])
def test_group_with_an_instance_is_let_alone(floor: Floor, cloud: Cloud, state: str) -> None:
    floor.up(MINUTE, state=state)
    floor.ec2.instances[next(iter(floor.ec2.instances))].late = 9

    assert handled()["groups"] == []
    assert floor.groups["spot"].desired == 1
    assert "SetDesiredCapacity" not in {call.operation for call in cloud.calls}


def test_group_that_asks_for_none_costs_one_question(floor: Floor, cloud: Cloud) -> None:
    floor.ask(desired=0)

    assert handled()["groups"] == []
    assert [call.operation for call in cloud.calls].count("DescribeAutoScalingGroups") == 1
    assert [call.operation for call in cloud.calls].count("ListTasks") == 1


def test_group_that_is_being_deleted_is_let_alone(floor: Floor, cloud: Cloud) -> None:
    floor.ask(status="Delete in progress", late=9)

    assert handled()["groups"] == []
    assert "SetDesiredCapacity" not in {call.operation for call in cloud.calls}


@pytest.mark.usefixtures("cloud")
def test_group_that_a_person_keeps_warm_goes_no_lower_than_that(floor: Floor) -> None:
    warm, more = floor.ask(desired=1, least=1), floor.ask("on-demand", desired=3, least=1)

    assert actions("group") == {"on-demand": "lower"}
    assert (warm.desired, more.desired) == (1, 1)


@pytest.mark.usefixtures("cloud")
def test_group_of_somebody_else_is_let_alone(floor: Floor) -> None:
    other = floor.ask("painter")

    assert handled()["groups"] == []
    assert other.desired == 1


def test_stage_without_groups_asks_for_none(floor: Floor, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUPS", "[]")
    other = floor.ask()

    handled()

    assert other.desired == 1
    assert "autoscaling" not in {call.service for call in cloud.calls}


def test_task_that_comes_at_the_last_moment_keeps_its_group(floor: Floor, cloud: Cloud) -> None:
    group = floor.ask()
    looks = iter(range(9))

    def comes(call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if call.operation == "DescribeAutoScalingGroups" and done and next(looks) == 1:
            floor.run(status="PROVISIONING", provider="spot", created=floor.present.now)

    cloud.wait = comes

    assert actions("group") == {"spot": "leave"}
    assert group.desired == 1


def test_instance_that_comes_at_the_last_moment_keeps_its_group(floor: Floor, cloud: Cloud) -> None:
    group = floor.ask()

    def comes(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "DescribeAutoScalingGroups" and done and not floor.ec2.instances:
            floor.up(MINUTE)
            group.desired = 1

    cloud.wait = comes

    assert actions("group") == {"spot": "leave"}
    assert group.desired == 1


def test_group_that_goes_at_the_last_moment_is_no_error(floor: Floor, cloud: Cloud) -> None:
    floor.ask()

    def goes(call: Call, done: bool) -> None:  # noqa: FBT001 (as above)
        if call.operation == "DescribeAutoScalingGroups" and done:
            floor.groups.clear()

    cloud.wait = goes

    assert handled()["groups"] == []


BLIND = ["DescribeAutoScalingGroups", "ListTasks", "DescribeTasks", "DescribeCapacityProviders"]


@pytest.mark.parametrize("operation", BLIND)
@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServerException"])
def test_look_that_cannot_see_lowers_nothing_and_says_so(floor: Floor, cloud: Cloud, operation: str, code: str) -> None:
    spot, on_demand = floor.ask(), floor.ask("on-demand")
    floor.ran(MINUTE, status="PROVISIONING", provider="spot")
    cloud.faults = [Fault(answer=refusing(code), operation=operation)]

    with pytest.raises(UnfinishedError, match=f"^{operation}: {code}: said AWS$"):
        handled()

    assert (spot.desired, on_demand.desired) == (1, 1)


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("reason", "desired"), [("UNAVAILABLE", 1), ("MISSING", 0)])
def test_provider_that_ecs_hides_holds_the_groups_and_one_that_is_gone_does_not(
    floor: Floor, reason: str, desired: int
) -> None:
    group = floor.ask()
    floor.ran(MINUTE, status="PROVISIONING", provider="spot")
    floor.hidden["spot"] = reason

    if desired:
        with pytest.raises(UnfinishedError, match=r"ECS does not describe spot \(UNAVAILABLE\)"):
            handled()
    else:
        handled()

    assert group.desired == desired


@pytest.mark.parametrize("name", ["spot", "on-demand"])
@pytest.mark.parametrize("code", ["AccessDeniedException", "ScalingActivityInProgress", "ServerException"])
def test_group_that_cannot_be_lowered_hides_no_other_and_is_told(
    floor: Floor, cloud: Cloud, name: str, code: str
) -> None:
    groups = [floor.ask(), floor.ask("on-demand")]
    cloud.faults = [Fault(answer=refusing(code), operation="SetDesiredCapacity", about=name)]

    with pytest.raises(UnfinishedError, match=f"^{name}: SetDesiredCapacity: {code}: said AWS$"):
        handled()

    assert {one.name: one.desired for one in groups} == {"spot": 0, "on-demand": 0} | {name: 1}


@pytest.mark.parametrize("place", range(13))
@pytest.mark.parametrize("lost", [False, True])
def test_fault_at_any_call_is_made_good_by_the_next_look(floor: Floor, cloud: Cloud, place: int, *, lost: bool) -> None:
    asks, waits = floor.ask(), floor.ask("on-demand")
    floor.ran(MINUTE, status="PROVISIONING", provider="on-demand")
    cloud.faults = [Fault(answer=refusing("ServerException", 500), place=place, after=lost)]
    with pytest.raises(UnfinishedError, match="ServerException"):
        handled()
    cloud.faults = []

    handled()

    assert cloud.struck
    assert (asks.desired, waits.desired) == (0, 1)


def test_instance_without_a_task_is_ended_and_its_group_asks_for_no_other(floor: Floor, cloud: Cloud) -> None:
    floor.joined(HOUR)

    handled()

    assert floor.groups["spot"].desired == 0
    assert "SetDesiredCapacity" not in {call.operation for call in cloud.calls}
