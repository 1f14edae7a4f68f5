"""Nothing runs in a cluster that CloudFormation is about to delete, and CloudFormation hears why something does."""

import pytest

from tests.functions.cloudformation import Address, Time
from tests.functions.ecs import CLUSTER
from tests.functions.ecs_release.conftest import asked
from tests.functions.region import Region
from tests.functions.shared.cloud import Cloud

SPENDS = {"UpdateService", "StopTask", "DeleteAutoScalingGroup", "DeregisterContainerInstance"}

pytestmark = pytest.mark.usefixtures("time", "cloud")


def test_deletion_leaves_no_task_no_instance_and_no_group(region: Region, address: Address) -> None:
    region.serve(desired=3)
    region.serve("reader", desired=0)
    spot, on_demand = region.launch("spot"), region.launch("on-demand")
    region.run(host=region.join(spot).arn, provider="spot", late=3)
    region.join(on_demand)
    region.run(status="PROVISIONING", provider="spot")
    region.ec2.dying, region.late = 4, 5

    said = asked("Delete", address, other={"Services": ["tagger", "reader"]})

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", f"cluster/{CLUSTER}")
    assert {one.desired for one in region.services.values()} == {0}
    assert region.living == []
    assert region.hosts == {}
    assert region.groups == {}
    assert {one.state for one in region.ec2.instances.values()} == {"terminated"}


def test_tasks_are_told_why_they_end(region: Region, address: Address) -> None:
    task = region.run()

    asked("Delete", address)

    assert task.reason == "mlstack: the stage sandbox is being destroyed"


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_making_asks_nothing_and_is_called_after_the_cluster(address: Address, cloud: Cloud, kind: str) -> None:
    said = asked(kind, address)

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", f"cluster/{CLUSTER}")
    assert cloud.calls == []


def test_cluster_that_is_gone_needs_nothing(region: Region, address: Address) -> None:
    region.gone = True

    assert asked("Delete", address)["Status"] == "SUCCESS"


def test_group_of_a_cluster_that_is_gone_is_deleted(region: Region, address: Address) -> None:
    region.gone = True
    box = region.launch("spot")

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert (region.groups, box.state) == ({}, "terminated")


@pytest.mark.parametrize("status", ["DRAINING", "INACTIVE"])
def test_service_that_is_over_is_let_alone(region: Region, address: Address, cloud: Cloud, status: str) -> None:
    region.serve(desired=0, status=status)

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert not SPENDS & {call.operation for call in cloud.calls}


def test_services_and_groups_that_are_gone_need_nothing(address: Address, cloud: Cloud) -> None:
    said = asked("Delete", address, other={"Services": ["one", "two"], "AutoScalingGroups": ["a", "b"]})

    assert said["Status"] == "SUCCESS"
    assert not SPENDS & {call.operation for call in cloud.calls}


def test_cluster_with_fargate_alone_asks_nothing_of_groups(region: Region, address: Address, cloud: Cloud) -> None:
    region.serve(desired=2)

    assert asked("Delete", address, other={"AutoScalingGroups": []})["Status"] == "SUCCESS"
    assert region.living == []
    assert {call.service for call in cloud.calls} == {"ecs"}


def test_group_that_is_being_deleted_is_awaited(region: Region, address: Address, cloud: Cloud) -> None:
    region.launch("spot", state="terminated")
    region.groups["spot"].status, region.groups["spot"].late = "Delete in progress", 10

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.groups == {}
    assert "DeleteAutoScalingGroup" not in {call.operation for call in cloud.calls}


def test_group_without_instances_is_deleted(region: Region, address: Address) -> None:
    region.launch("on-demand")
    region.ec2.instances.clear()

    asked("Delete", address)

    assert region.groups == {}


def test_every_task_of_every_page_is_stopped(region: Region, address: Address, cloud: Cloud) -> None:
    for number in range(250):
        region.run(group=f"family:any-{number}", late=number % 3)

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.living == []
    assert [call.operation for call in cloud.calls].count("StopTask") == 250


def test_every_service_of_every_page_goes_to_zero(region: Region, address: Address) -> None:
    names = [f"service-{number}" for number in range(25)]
    for name in names:
        region.serve(name, desired=2)

    assert asked("Delete", address, other={"Services": names})["Status"] == "SUCCESS"
    assert {one.desired for one in region.services.values()} == {0}
    assert region.living == []


def test_tasks_that_are_started_meanwhile_are_stopped_too(region: Region, address: Address, cloud: Cloud) -> None:
    region.run()
    started = iter(range(3))

    def starts(call: object, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        if getattr(call, "operation", "") == "StopTask" and done and next(started, None) is not None:
            region.run(status="PENDING")

    cloud.wait = starts

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.living == []
    assert len(region.tasks) == 4


def test_task_that_shows_late_is_stopped_too(region: Region, address: Address, cloud: Cloud) -> None:
    looks = iter(range(3))

    def shows(call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if getattr(call, "operation", "") == "ListContainerInstances" and done and next(looks, None) == 0:
            region.run()

    cloud.wait = shows

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.living == []


def test_task_on_an_instance_has_its_time_to_save_what_it_has(region: Region, address: Address, time: Time) -> None:
    box = region.launch("spot")
    task = region.run(host=region.join(box).arn, provider="spot", late=40)

    asked("Delete", address)

    assert task.stopping is not None
    assert task.stopped is not None
    assert 60 < (task.stopped - task.stopping).total_seconds() < 150
    assert (time.now() - Time.present).total_seconds() < 200


def test_task_whose_agent_is_deaf_ends_with_its_instance(region: Region, address: Address, time: Time) -> None:
    box = region.launch("spot")
    task = region.run(host=region.join(box, connected=False).arn, provider="spot")

    said = asked("Delete", address)

    assert said["Status"] == "SUCCESS"
    assert (task.status, box.state, region.hosts) == ("STOPPED", "terminated", {})
    assert 145 < (time.now() - Time.present).total_seconds() < 200


@pytest.mark.parametrize("forgotten", [False, True])
def test_registration_that_outlives_its_instance_is_taken_away(
    region: Region, address: Address, *, forgotten: bool
) -> None:
    box = region.launch("spot", state="terminated")
    region.join(box, connected=False)
    if forgotten:
        region.ec2.forget(box)

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.hosts == {}


@pytest.mark.parametrize("name", ["", "mi-0123456789abcdef0"])
def test_machine_of_somebody_else_is_dismissed_and_runs_on(region: Region, address: Address, name: str) -> None:
    box = region.launch("", state="running")
    region.join(name or box)

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert region.hosts == {}
    assert box.state == "running"


def test_task_on_a_machine_of_somebody_else_ends_before_that_is_dismissed(
    region: Region, address: Address, cloud: Cloud
) -> None:
    host = region.join(region.launch(""))
    task = region.run(host=host.arn, late=5)
    seen: list[str] = []

    def watches(call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if getattr(call, "operation", "") == "DeregisterContainerInstance" and not done:
            seen.append(task.status)

    cloud.wait = watches

    assert asked("Delete", address)["Status"] == "SUCCESS"
    assert seen == ["STOPPED"]


def test_service_of_somebody_else_goes_to_zero_and_is_told(region: Region, address: Address) -> None:
    region.serve()
    region.serve("by-hand", desired=2)
    region.launch("spot")

    said = asked("Delete", address)

    assert said["Status"] == "FAILED"
    assert said["Reason"] == (
        "mlstack-sandbox has services that are not the stage's (by-hand): they are at zero, but would hold the "
        "cluster: delete them by hand (aws ecs delete-service --force --cluster mlstack-sandbox --service by-hand), "
        "and destroy the stack again"
    )
    assert region.living == []
    assert region.groups == {}


def test_stage_without_services_takes_none_for_its_own(region: Region, address: Address) -> None:
    region.serve("by-hand")

    assert asked("Delete", address, other={"Services": []})["Status"] == "FAILED"


def test_other_clusters_and_groups_are_let_alone(region: Region, address: Address) -> None:
    other = region.launch("painter")

    asked("Delete", address)

    assert (other.state, [*region.groups]) == ("running", ["painter"])


def test_resource_of_an_old_cluster_touches_nothing_of_the_new_one(region: Region, address: Address) -> None:
    box = region.launch("spot")
    region.serve()

    said = asked("Delete", address, known="cluster/mlstack-old")

    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", "cluster/mlstack-old")
    assert (box.state, region.services["tagger"].desired) == ("running", 1)


def test_resource_of_an_old_cluster_empties_that_whatever_the_services_are(region: Region, address: Address) -> None:
    region.serve("reader", desired=2)

    said = asked("Delete", address, other={"Cluster": "mlstack-new", "Services": ["tagger"]})

    assert said["Status"] == "SUCCESS"
    assert region.living == []
    assert region.services["reader"].desired == 0


def test_delete_of_a_resource_that_was_never_named_goes_by_its_properties(region: Region, address: Address) -> None:
    region.serve()

    assert asked("Delete", address, known="mlstack-sandbox-Release-1ABC")["Status"] == "SUCCESS"
    assert region.living == []


def test_service_that_somebody_sets_up_again_is_not_told_to_be_at_zero(
    region: Region, address: Address, cloud: Cloud
) -> None:
    other = region.serve("by-hand", desired=2)

    def sets_up(call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if getattr(call, "operation", "") == "ListServices" and not done:
            other.desired = 2

    cloud.wait = sets_up

    said = asked("Delete", address, seconds=120)

    assert said["Status"] == "FAILED"
    assert "Left: service by-hand (wants 2)" in said["Reason"]
    assert "at zero" not in said["Reason"]


def test_task_that_is_over_holds_up_nothing_and_is_looked_at_once(
    region: Region, address: Address, cloud: Cloud, time: Time
) -> None:
    host = region.join(region.launch("spot"))
    over = region.run(host=host.arn, provider="spot", status="STOPPED", wanted="STOPPED")
    region.run(late=9)
    deleted: list[float] = []

    def watches(call: object, done: bool) -> None:  # noqa: FBT001 (as above)
        if getattr(call, "operation", "") == "DeleteAutoScalingGroup" and done:
            deleted.append((time.now() - Time.present).total_seconds())

    cloud.wait = watches

    assert asked("Delete", address)["Status"] == "SUCCESS"
    looks = [call for call in cloud.calls if call.operation == "DescribeTasks"]
    assert deleted == [0]
    assert len(looks) > 5
    assert [over.arn in call.parameters["tasks"] for call in looks] == [True] + [False] * (len(looks) - 1)


NO_NAMES: list[object] = [None, "", " ", "*", "a/b", "a\n", 7, ["a"], {"Ref": "Cluster"}, "x" * 256]
NO_LISTS: list[object] = [None, "", "spot", {}, [7], [""], ["*"], ["spot", "spo?"], ["a\n"], [["spot"]]]
HOSTILE: list[tuple[str, object]] = [
    *((key, told) for key in ("Cluster", "Stage") for told in NO_NAMES),
    *((key, told) for key in ("Services", "AutoScalingGroups") for told in NO_LISTS),
]


@pytest.mark.parametrize(("key", "told"), HOSTILE)
def test_what_is_nothing_to_go_by_fails_to_be_made_and_is_nothing_to_delete(
    address: Address, cloud: Cloud, key: str, told: object
) -> None:
    made = asked("Create", address, other={key: told})
    deleted = asked("Delete", address, known="Any", other={key: told})

    assert (made["Status"], made["Reason"]) == ("FAILED", f"the resource has no {key}")
    assert deleted["Status"] == "SUCCESS"
    assert cloud.calls == []
