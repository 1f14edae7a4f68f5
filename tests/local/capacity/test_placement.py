"""Tasks that need an instance: they wait, ECS's managed scaling brings one, and takes it away when nobody needs it."""

from collections.abc import Callable

import pytest

from tests.local.capacity.yard import PLAIN_IMAGE, Json, Yard
from tests.local.patience import eventually

Refused = Callable[..., tuple[str, str]]
MINUTES = 60.0


def resources(instance: Json, which: str) -> dict[str, int]:
    found = {}
    for one in instance[which]:
        found[one["name"]] = one["integerValue"] if one["type"] == "INTEGER" else len(one["stringSetValue"])
    return {name: found.get(name, 0) for name in ("CPU", "MEMORY", "GPU")}


def test_instance_registers_with_what_its_type_has(yard: Yard) -> None:
    group = yard.group()
    yard.desire(group, 1)

    [said] = yard.registered()

    assert said["ec2InstanceId"] == yard.instances(group)[0]
    assert (said["status"], said["agentConnected"], said["runningTasksCount"]) == ("ACTIVE", True, 0)
    whole = resources(said, "registeredResources")
    assert (whole["CPU"], whole["GPU"]) == (4096, 1)
    assert 15000 < whole["MEMORY"] < 16384
    assert resources(said, "remainingResources") == whole
    assert {"name": "ecs.instance-type", "value": "g4dn.xlarge"} in said["attributes"]


def test_plain_image_tells_of_no_gpu(yard: Yard) -> None:
    group = yard.group(MixedInstancesPolicy=yard.policy(yard.template(image=PLAIN_IMAGE), "g4dn.xlarge"))

    yard.desire(group, 1)

    [said] = yard.registered()
    assert resources(said, "registeredResources")["GPU"] == 0


def test_instance_that_names_another_cluster_never_registers(yard: Yard) -> None:
    other = yard.group(MixedInstancesPolicy=yard.policy(yard.template(cluster="another"), "g4dn.xlarge"))
    ours = yard.group()
    yard.desire(other, 1)
    [stranger] = yard.instances(other)
    eventually(lambda: yard.aws.machines()[stranger]["state"] == "running")

    yard.desire(ours, 1)

    [said] = yard.registered()
    assert said["ec2InstanceId"] == yard.instances(ours)[0] != stranger


def test_instance_whose_user_data_is_a_strangers_never_registers(yard: Yard) -> None:
    group = yard.group(MixedInstancesPolicy=yard.policy(yard.template(UserData="IyEvYmluL3NoCg=="), "g4dn.xlarge"))
    yard.desire(group, 1)
    [name] = yard.instances(group)

    eventually(lambda: "was not run" in yard.aws.machines()[name]["state"])

    assert yard.empty()


def test_instance_is_deregistered_at_its_end(yard: Yard) -> None:
    group = yard.group()
    yard.desire(group, 2)
    yard.registered(2)
    first, second = yard.instances(group)

    yard.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=first, ShouldDecrementDesiredCapacity=True)

    assert [one["ec2InstanceId"] for one in yard.registered(1)] == [second]


def test_task_brings_its_instance_and_runs_there(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group)

    arn = yard.run(yard.definition(image, "wait"), provider)

    task = yard.reached(arn, "RUNNING")
    [instance] = yard.registered()
    assert task["containerInstanceArn"] == instance["containerInstanceArn"]
    assert (task["capacityProviderName"], instance["capacityProviderName"]) == (provider, provider)
    assert (instance["runningTasksCount"], resources(instance, "remainingResources")["GPU"]) == (1, 0)
    assert yard.described(group)["DesiredCapacity"] == 1


def test_task_that_fits_nowhere_waits_until_another_has_ended(yard: Yard, image: str) -> None:
    group = yard.group(MaxSize=1)
    provider = yard.provider(group)
    first = yard.run(yard.definition(image, "wait"), provider)
    yard.reached(first, "RUNNING")
    second = yard.run(yard.definition(image, "end", "0"), provider)
    yard.aws.pass_time(0)
    assert (yard.task(second)["lastStatus"], len(yard.instances(group))) == ("PROVISIONING", 1)

    yard.ecs.stop_task(cluster=yard.cluster, task=first)

    assert yard.reached(second, "STOPPED")["containers"][0]["exitCode"] == 0


def test_two_tasks_without_gpus_share_an_instance(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group)
    definition = yard.definition(image, "wait", gpus=0)

    first, second = (yard.run(definition, provider) for _ in range(2))

    assert (
        yard.reached(first, "RUNNING")["containerInstanceArn"]
        == yard.reached(second, "RUNNING")["containerInstanceArn"]
    )
    assert len(yard.instances(group)) == 1


def test_group_is_empty_fifteen_minutes_after_the_last_task(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group)
    yard.reached(yard.run(yard.definition(image, "end", "0"), provider), "STOPPED")
    yard.aws.pass_time(0)

    yard.aws.pass_time(14 * MINUTES)
    assert len(yard.instances(group)) == 1

    yard.aws.pass_time(2 * MINUTES)
    assert (yard.instances(group), yard.described(group)["DesiredCapacity"]) == ([], 0)
    assert yard.empty()


def test_two_instances_come_from_zero_where_nothing_bounds_the_step(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group, maximumScalingStepSize=10)

    yard.reached(yard.run(yard.definition(image, "wait"), provider), "RUNNING")

    assert yard.described(group)["DesiredCapacity"] == 2


def test_nothing_comes_for_a_task_that_the_smallest_type_does_not_hold(yard: Yard, image: str) -> None:
    policy = yard.policy(yard.template(), "g4dn.xlarge", "g5.12xlarge")
    group = yard.group(MixedInstancesPolicy=policy)
    provider = yard.provider(group)

    arn = yard.run(yard.definition(image, "wait", memory=32000), provider)
    yard.aws.pass_time(5 * MINUTES)

    assert (yard.task(arn)["lastStatus"], yard.instances(group)) == ("PROVISIONING", [])


def test_task_that_is_stopped_while_it_waits_brings_nothing_later(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group)
    yard.set(no_spot=["*"])
    arn = yard.run(yard.definition(image, "wait"), provider)
    eventually(lambda: yard.set()["waiting"] == [arn])

    yard.ecs.stop_task(cluster=yard.cluster, task=arn, reason="mlstack: no capacity")

    task = yard.reached(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "mlstack: no capacity")
    assert "exitCode" not in task["containers"][0]
    assert yard.set()["waiting"] == []


def test_task_for_which_nothing_comes_fails_to_start(yard: Yard, image: str) -> None:
    provider = yard.provider(yard.group())
    yard.set(no_spot=["*"])
    arn = yard.run(yard.definition(image, "wait"), provider)
    eventually(lambda: yard.set()["waiting"] == [arn])

    yard.aws.pass_time(14 * MINUTES)
    assert yard.task(arn)["lastStatus"] == "PROVISIONING"
    yard.aws.pass_time(2 * MINUTES)

    task = yard.reached(arn, "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart"
    assert "EMPTY CAPACITY PROVIDER" in task["stoppedReason"]


def test_draining_instance_takes_no_task(yard: Yard, image: str) -> None:
    group = yard.group(MaxSize=1)
    provider = yard.provider(group)
    yard.desire(group, 1)
    [instance] = yard.registered()
    yard.ecs.update_container_instances_state(
        cluster=yard.cluster, containerInstances=[instance["containerInstanceArn"]], status="DRAINING"
    )
    arn = yard.run(yard.definition(image, "wait"), provider)
    yard.aws.pass_time(0)
    assert yard.task(arn)["lastStatus"] == "PROVISIONING"

    yard.ecs.update_container_instances_state(
        cluster=yard.cluster, containerInstances=[instance["containerInstanceArn"]], status="ACTIVE"
    )

    assert yard.reached(arn, "RUNNING")["containerInstanceArn"] == instance["containerInstanceArn"]


def test_instance_with_tasks_is_deregistered_by_force_alone(yard: Yard, image: str, refused: Refused) -> None:
    provider = yard.provider(yard.group())
    yard.reached(yard.run(yard.definition(image, "wait"), provider), "RUNNING")
    [instance] = yard.registered()
    asked = {"cluster": yard.cluster, "containerInstance": instance["containerInstanceArn"]}

    code, _ = refused(yard.ecs.deregister_container_instance, **asked)
    yard.ecs.deregister_container_instance(**asked, force=True)

    assert code == "InvalidParameterException"
    assert yard.empty()


def test_tasks_of_a_terminated_instance_are_told_so(yard: Yard, image: str) -> None:
    group = yard.group()
    arn = yard.run(yard.definition(image, "gentle"), yard.provider(group))
    yard.reached(arn, "RUNNING")
    [name] = yard.instances(group)

    yard.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)

    task = yard.reached(arn, "STOPPED")
    assert task["stopCode"] == "TerminationNotice"
    assert task["stoppedReason"] == f"Host EC2 (instance {name}) terminated."


def test_interrupted_spot_instance_has_two_minutes(yard: Yard, image: str) -> None:
    group = yard.group()
    provider = yard.provider(group)
    arn = yard.run(yard.definition(image, "gentle"), provider)
    yard.reached(arn, "RUNNING")
    [name] = yard.instances(group)

    said = yard.set(interrupt=name)

    assert said["interrupted"] == [name]
    [instance] = yard.registered()
    assert instance["status"] == "DRAINING"
    yard.aws.pass_time(100)
    assert (yard.state(name), yard.task(arn)["lastStatus"]) == ("running", "RUNNING")
    yard.aws.pass_time(21)
    task = yard.reached(arn, "STOPPED")
    assert (task["stopCode"], yard.state(name)) == ("SpotInterruption", "terminated")
    said = yard.ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    assert said["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    [request] = yard.ec2.describe_spot_instance_requests(Filters=[{"Name": "instance-id", "Values": [name]}])[
        "SpotInstanceRequests"
    ]
    assert (request["State"], request["Status"]["Code"]) == ("closed", "instance-terminated-by-service")


@pytest.mark.parametrize("interrupted", ["i-00000000000000000", "x", ""])
def test_what_is_no_spot_instance_is_not_interrupted(interrupted: str, yard: Yard) -> None:
    with pytest.raises(OSError, match="400"):
        yard.set(interrupt=interrupted)


def test_instance_on_demand_is_not_interrupted(yard: Yard) -> None:
    group = yard.group(LaunchTemplate={"LaunchTemplateId": yard.template()})
    yard.desire(group, 1)

    with pytest.raises(OSError, match="400"):
        yard.set(interrupt=yard.instances(group)[0])


def test_scale_in_leaves_an_instance_with_a_task_where_ecs_protects_it(yard: Yard, image: str) -> None:
    group = yard.group(NewInstancesProtectedFromScaleIn=True)
    provider = yard.provider(group)
    yard.ecs.update_capacity_provider(
        name=provider, autoScalingGroupProvider={"managedTerminationProtection": "ENABLED"}
    )
    yard.desire(group, 2)
    yard.registered(2)
    arn = yard.run(yard.definition(image, "wait"), provider)
    busy = yard.reached(arn, "RUNNING")["containerInstanceArn"]
    yard.aws.pass_time(0)

    yard.aws.pass_time(16 * MINUTES)

    [left] = yard.registered(1)
    assert left["containerInstanceArn"] == busy


def test_launch_type_ec2_fails_at_once_where_there_is_no_room(yard: Yard, image: str) -> None:
    group = yard.group(MixedInstancesPolicy=yard.policy(yard.template(image=PLAIN_IMAGE), "g4dn.xlarge"))
    yard.desire(group, 1)
    yard.registered()

    definition = yard.definition(image, "wait")
    said = yard.ecs.run_task(cluster=yard.cluster, taskDefinition=definition, launchType="EC2")

    assert (said["tasks"], [one["reason"] for one in said["failures"]]) == ([], ["RESOURCE:GPU"])


def test_instance_that_is_to_end_waits_for_its_tasks_where_ecs_drains(yard: Yard, image: str, refused: Refused) -> None:
    group = yard.group()
    provider = yard.provider(group)
    yard.ecs.update_capacity_provider(name=provider, autoScalingGroupProvider={"managedDraining": "ENABLED"})
    arn = yard.run(yard.definition(image, "gentle"), provider)
    yard.reached(arn, "RUNNING")
    [name] = yard.instances(group)

    yard.desire(group, 0)
    yard.aws.pass_time(0)  # managed scaling brings no other instance for a task that stays where it is

    [state] = yard.described(group)["Instances"]
    [instance] = yard.registered()
    assert (state["LifecycleState"], instance["status"], yard.state(name)) == (
        "Terminating:Wait",
        "DRAINING",
        "running",
    )
    assert refused(yard.autoscaling.delete_auto_scaling_group, AutoScalingGroupName=group)[0] == "ResourceInUse"
    yard.ecs.stop_task(cluster=yard.cluster, task=arn)
    assert yard.reached(arn, "STOPPED")["stopCode"] == "UserInitiated"
    eventually(lambda: yard.instances(group) == [])
    assert yard.state(name) == "terminated"


def test_instance_finds_its_cluster_later(yard: Yard) -> None:
    later = Yard(yard.aws)
    group = yard.group(MixedInstancesPolicy=yard.policy(yard.template(cluster=later.cluster), "g4dn.xlarge"))
    yard.desire(group, 1)
    [name] = yard.instances(group)
    eventually(lambda: yard.aws.machines()[name]["state"] == "running")

    later.open()
    yard.aws.pass_time(0)

    assert [one["ec2InstanceId"] for one in later.registered()] == [name]
    yard.desire(group, 0)
    later.close()


def test_instance_that_stops_is_lost_and_replaced(yard: Yard, image: str) -> None:
    group = yard.group(LaunchTemplate={"LaunchTemplateId": yard.template()})
    arn = yard.run(yard.definition(image, "gentle"), yard.provider(group))
    yard.reached(arn, "RUNNING")
    [name] = yard.instances(group)

    yard.ec2.stop_instances(InstanceIds=[name])

    assert yard.reached(arn, "STOPPED")["stopCode"] == "TerminationNotice"
    eventually(lambda: yard.state(name) == "terminated")
    assert name not in yard.instances(group)


@pytest.mark.parametrize("name", ["FARGATE", "FARGATE_SPOT"])
def test_fargates_providers_are_there_and_nobodys(name: str, yard: Yard) -> None:
    listed = yard.ecs.describe_capacity_providers()["capacityProviders"]
    [one] = yard.ecs.describe_capacity_providers(capacityProviders=[name])["capacityProviders"]

    assert (one["name"], one["status"]) == (name, "ACTIVE")
    assert name in {said["name"] for said in listed}


def test_group_has_one_provider(yard: Yard, refused: Refused) -> None:
    group = yard.group()
    provider = yard.provider(group)
    arn = yard.described(group)["AutoScalingGroupARN"]
    create = yard.ecs.create_capacity_provider

    assert refused(create, name="other", autoScalingGroupProvider={"autoScalingGroupArn": arn})[0] == "ClientException"
    assert refused(create, name=provider, autoScalingGroupProvider={"autoScalingGroupArn": arn})[0] == "ClientException"


def test_provider_that_is_not_there_is_refused(yard: Yard, refused: Refused) -> None:
    assert refused(yard.ecs.delete_capacity_provider, capacityProvider="none")[0] == "ClientException"
    update = yard.ecs.update_capacity_provider
    assert refused(update, name="none", autoScalingGroupProvider={})[0] == "ClientException"


def test_associated_provider_is_not_deleted(yard: Yard, refused: Refused) -> None:
    provider = yard.provider(yard.group())
    delete = yard.ecs.delete_capacity_provider

    assert refused(delete, capacityProvider=provider)[0] == "ResourceInUseException"

    yard.associate()
    delete(capacityProvider=provider)
    assert yard.ecs.describe_capacity_providers(capacityProviders=[provider])["failures"][0]["reason"] == "MISSING"


def test_container_instances_of_a_cluster_that_never_had_one_are_missing(yard: Yard, refused: Refused) -> None:
    asked = {"cluster": yard.cluster, "containerInstances": ["none"]}

    assert yard.ecs.describe_container_instances(**asked)["failures"][0]["reason"] == "MISSING"
    deregister = yard.ecs.deregister_container_instance
    code, _ = refused(deregister, cluster=yard.cluster, containerInstance="none", force=True)
    assert code == "InvalidParameterException"
