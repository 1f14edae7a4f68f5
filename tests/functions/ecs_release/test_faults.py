"""Whatever AWS refuses at whatever call, the rest is ended, and CloudFormation hears in time what is left."""

import itertools

import pytest

from shared.custom_resource import LONGEST_REASON
from tests.functions.cloudformation import Address, Time
from tests.functions.ec2 import Instance
from tests.functions.ecs_release.conftest import asked
from tests.functions.region import Region
from tests.functions.shared.cloud import Cloud, Fault, raising, refusing

CODE, LONG = "AccessDeniedException", "you may not:\n" + "x" * 5000
PLACES = 65
"""How many calls it takes to empty the cluster of the story."""
OPERATIONS = [
    "ListTasks",
    "DescribeTasks",
    "StopTask",
    "ListServices",
    "DescribeServices",
    "UpdateService",
    "DescribeAutoScalingGroups",
    "DeleteAutoScalingGroup",
    "DescribeInstances",
    "ListContainerInstances",
    "DescribeContainerInstances",
    "DeregisterContainerInstance",
]

pytestmark = pytest.mark.usefixtures("time", "cloud")


def busy(region: Region) -> list[Instance]:
    """A service, a training run on an instance, one that waits, and an instance whose agent was deaf before its end."""
    region.serve(desired=2)
    box, ended = region.launch("spot"), region.launch("on-demand", state="terminated")
    region.run(host=region.join(box).arn, provider="spot", late=2)
    region.join(ended, connected=False)
    region.run(status="PROVISIONING", provider="spot")
    return [box, ended]


def is_empty(region: Region) -> bool:
    """Whether nothing is left that costs, or holds the cluster."""
    return not (region.living or region.hosts or region.groups or region.ec2.alive)


def test_story_takes_so_many_calls_and_all_operations(region: Region, cloud: Cloud, address: Address) -> None:
    busy(region)

    asked("Delete", address)

    assert len(cloud.calls) == PLACES
    assert {call.operation for call in cloud.calls} == {*OPERATIONS}


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("place", range(PLACES))
def test_fault_that_passes_at_any_call_changes_nothing(
    region: Region, cloud: Cloud, address: Address, place: int, *, lost: bool
) -> None:
    busy(region)
    answer = refusing("ServerException", 500) if lost else refusing("ThrottlingException", 400)
    cloud.faults = [Fault(answer=answer, place=place, after=lost)]

    said = asked("Delete", address)

    assert said["Status"] == "SUCCESS"
    assert cloud.struck
    assert is_empty(region)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_refusal_is_told_in_one_line_with_the_way_on_and_the_next_destroy_goes_on(
    region: Region, cloud: Cloud, address: Address, time: Time, operation: str
) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing(CODE, 400, LONG), operation=operation)]

    failed = asked("Delete", address)
    took, cloud.faults = (time.now() - Time.present).total_seconds(), []
    again = asked("Delete", address)

    assert failed["Status"] == "FAILED"
    assert took < 330
    assert f"{operation} was refused ({CODE})" in failed["Reason"]
    assert "allow it, or" in failed["Reason"]
    assert failed["Reason"].endswith("destroy the stack again")
    assert "\n" not in failed["Reason"]
    assert len(failed["Reason"]) <= LONGEST_REASON
    assert again["Status"] == "SUCCESS"
    assert is_empty(region)


@pytest.mark.parametrize("operation", sorted({*OPERATIONS} - {"DescribeAutoScalingGroups", "DeleteAutoScalingGroup"}))
def test_whatever_else_is_refused_no_instance_of_the_groups_runs_on(
    region: Region, cloud: Cloud, address: Address, operation: str
) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing(CODE, 400, LONG), operation=operation)]

    asked("Delete", address)

    assert region.ec2.alive == []
    assert region.groups == {}


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks", "StopTask"])
def test_instance_has_time_to_end_what_nobody_may_look_at(
    region: Region, cloud: Cloud, address: Address, time: Time, operation: str
) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing(CODE, 400, LONG), operation=operation)]

    asked("Delete", address)

    assert 145 < (time.now() - Time.present).total_seconds() < 200


def test_one_that_is_refused_holds_up_no_other(region: Region, cloud: Cloud, address: Address) -> None:
    tasks = [region.run() for _ in range(6)]
    kept = [tasks[number].arn for number in (0, 2, 3, 5)]
    cloud.faults = [Fault(answer=refusing("ClientException"), operation="StopTask", about=arn) for arn in kept]

    said = asked("Delete", address)

    assert f"StopTask was refused (ClientException) for {', '.join(kept[:1])}" in said["Reason"]
    assert [one.arn for one in region.living] == kept


@pytest.mark.parametrize("operation", ["ListTasks", "DescribeTasks", "ListContainerInstances", "DescribeInstances"])
@pytest.mark.parametrize("code", ["UnrecognizedClientException", "InvalidParameterException"])
def test_other_refusals_are_told_too(region: Region, cloud: Cloud, address: Address, operation: str, code: str) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing(code), operation=operation)]

    assert code in asked("Delete", address)["Reason"]


def test_task_that_does_not_end_in_time_is_told_by_name(region: Region, address: Address, time: Time) -> None:
    task = region.run(late=10_000)

    said = asked("Delete", address, seconds=120)

    assert said["Status"] == "FAILED"
    assert "some tasks or instances are left: destroy the stack again in some minutes" in said["Reason"]
    assert f"Left: task {task.arn[-32:]} (RUNNING, family:mlstack-sandbox-training)" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


def test_group_and_instances_that_do_not_go_in_time_are_told_by_name(region: Region, address: Address) -> None:
    box = region.launch("spot")
    region.late = region.ec2.dying = 10_000

    said = asked("Delete", address)

    assert f"Left: group spot (Delete in progress), {box.id} (shutting-down)" in said["Reason"]


@pytest.mark.parametrize("code", ["ScalingActivityInProgress", "ResourceInUse", "ResourceContention"])
def test_group_that_is_busy_is_deleted_when_it_is_not(
    region: Region, cloud: Cloud, address: Address, code: str
) -> None:
    region.launch("spot")
    status = 500 if code == "ResourceContention" else 400
    cloud.faults = [Fault(answer=refusing(code, status), operation="DeleteAutoScalingGroup")]

    def goes_on(_call: object, _done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if len(cloud.struck) == 3:
            cloud.faults = []

    cloud.wait = goes_on

    said = asked("Delete", address)

    assert len(cloud.struck) == 3
    assert said["Status"] == "SUCCESS"
    assert is_empty(region)


@pytest.mark.parametrize("kind", ["task", "container instance"])
def test_what_ecs_hides_is_waited_for_and_told(region: Region, address: Address, kind: str) -> None:
    hidden = region.run().arn if kind == "task" else region.join(region.launch("")).arn
    region.hidden[hidden] = "UNAVAILABLE"

    said = asked("Delete", address, seconds=120)

    assert said["Status"] == "FAILED"
    assert f"{hidden[-32:]} (UNAVAILABLE)" in said["Reason"]


def test_instance_has_time_to_end_a_task_that_ecs_hides(
    region: Region, cloud: Cloud, address: Address, time: Time
) -> None:
    hidden = region.run(host=region.join(region.launch("spot")).arn, provider="spot")
    region.hidden[hidden.arn] = "UNAVAILABLE"
    deleted: list[float] = []

    def watches(call: object, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if getattr(call, "operation", "") == "DeleteAutoScalingGroup" and done:
            deleted.append((time.now() - Time.present).total_seconds())

    cloud.wait = watches

    asked("Delete", address)

    assert region.groups == {}
    assert 145 < deleted[0] < 200


@pytest.mark.parametrize("operation", OPERATIONS)
def test_refusal_that_is_taken_back_is_none(region: Region, cloud: Cloud, address: Address, operation: str) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing(CODE), operation=operation)]

    def allows(_call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if cloud.struck and not done:
            cloud.faults = []

    cloud.wait = allows

    said = asked("Delete", address)

    assert len(cloud.struck) == 1
    assert said["Status"] == "SUCCESS"
    assert is_empty(region)


@pytest.mark.parametrize("operation", ["StopTask", "DeregisterContainerInstance", "UpdateService", "DescribeTasks"])
def test_what_goes_while_it_is_ended_is_no_error(
    region: Region, cloud: Cloud, address: Address, operation: str
) -> None:
    busy(region)

    def goes(call: object, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if getattr(call, "operation", "") == operation and not done:
            region.tasks.clear()
            region.hosts.clear()
            region.services.clear()

    cloud.wait = goes

    assert asked("Delete", address)["Status"] == "SUCCESS"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_cluster_that_goes_meanwhile_is_no_error(
    region: Region, cloud: Cloud, address: Address, operation: str
) -> None:
    busy(region)

    def goes(call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if getattr(call, "operation", "") == operation and not done:
            region.gone = True

    cloud.wait = goes

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.ec2.alive == []


def test_outage_without_end_is_given_up_in_time(region: Region, cloud: Cloud, address: Address, time: Time) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing("ServiceUnavailable", 503))]

    said = asked("Delete", address, seconds=120)

    assert said["Status"] == "FAILED"
    assert "not all tasks or instances could be looked at in time" in said["Reason"]
    assert 85 < (time.now() - Time.present).total_seconds() < 100


def test_outage_of_one_service_keeps_the_others_from_nothing(region: Region, cloud: Cloud, address: Address) -> None:
    busy(region)
    cloud.faults = [Fault(answer=refusing("ServerException", 500), operation="ListTasks")]

    said = asked("Delete", address, seconds=300)

    assert said["Status"] == "FAILED"
    assert region.ec2.alive == []
    assert region.services["tagger"].desired == 0


def test_bug_is_answered_too(region: Region, cloud: Cloud, address: Address) -> None:
    busy(region)
    cloud.faults = [Fault(answer=raising(RuntimeError("a bug")))]

    assert asked("Delete", address)["Reason"] == "RuntimeError: a bug"


@pytest.mark.parametrize("place", range(PLACES))
def test_refusal_at_any_single_call_ends_with_an_empty_cluster_all_the_same(
    region: Region, cloud: Cloud, address: Address, place: int
) -> None:
    busy(region)
    cloud.places = itertools.count()
    cloud.faults = [Fault(answer=refusing(CODE, 400, LONG), place=place)]

    said = asked("Delete", address)
    again = asked("Delete", address)

    assert said["Status"] == "FAILED" or is_empty(region)
    assert again["Status"] == "SUCCESS"
    assert is_empty(region)
