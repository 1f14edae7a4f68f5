"""Stacks with Auto Scaling groups and capacity providers: made, changed and deleted as CloudFormation does it."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from tests.local.capacity.yard import GPU_IMAGE, SPOT, Json, Yard, boot_script
from tests.local.patience import eventually
from tests.local.stacks import Stacks

NETWORK: Json = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.1.0/24"},
    },
}


@pytest.fixture
def stacks(local_aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(local_aws)
    yield made
    made.close()


def template(cluster: str, **provider: object) -> Json:
    """What a training cluster has, close to what the CDK writes."""
    user_data = base64.b64encode(boot_script(cluster).encode()).decode()
    data = {"ImageId": f"resolve:ssm:{GPU_IMAGE}", "InstanceType": "g4dn.xlarge", "UserData": user_data}
    specification = {
        "LaunchTemplateId": {"Ref": "Template"},
        "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
    }
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": specification,
            "Overrides": [{"InstanceType": "g4dn.xlarge"}, {"InstanceType": "g5.xlarge"}],
        },
        "InstancesDistribution": SPOT,
    }
    scaling = {"Status": "ENABLED", "TargetCapacity": 100, "MaximumScalingStepSize": 1}
    return {
        **NETWORK,
        "Template": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}},
        "Group": {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            "Properties": {
                "MinSize": "0",
                "MaxSize": "2",
                "MixedInstancesPolicy": policy,
                "VPCZoneIdentifier": [{"Ref": "Subnet"}],
                "Tags": [{"Key": "stage", "Value": "sandbox", "PropagateAtLaunch": True}],
            },
        },
        "Provider": {
            "Type": "AWS::ECS::CapacityProvider",
            "Properties": {
                "AutoScalingGroupProvider": {
                    "AutoScalingGroupArn": {"Ref": "Group"},
                    "ManagedScaling": scaling,
                    "ManagedTerminationProtection": "DISABLED",
                    "ManagedDraining": "DISABLED",
                    **provider,
                },
                "Tags": [{"Key": "stage", "Value": "sandbox"}],
            },
        },
        "Associations": {
            "Type": "AWS::ECS::ClusterCapacityProviderAssociations",
            "Properties": {
                "Cluster": cluster,
                "CapacityProviders": ["FARGATE", {"Ref": "Provider"}],
                "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
            },
        },
    }


def provider_of(yard: Yard, name: str) -> Json:
    said = yard.ecs.describe_capacity_providers(capacityProviders=[name], include=["TAGS"])["capacityProviders"]
    return dict(said[0]) if said else {}


def cluster_of(yard: Yard) -> Json:
    return dict(yard.ecs.describe_clusters(clusters=[yard.cluster])["clusters"][0])


def test_stack_makes_a_cluster_capacity_that_runs_tasks_and_takes_it_away(
    yard: Yard, stacks: Stacks, image: str
) -> None:
    name = stacks.create(template(yard.cluster))
    assert (stacks.status(name), stacks.reasons(name).strip()) == ("CREATE_COMPLETE", "User Initiated")
    group, provider = (stacks.physical_id(name, which) for which in ("Group", "Provider"))
    assert cluster_of(yard)["capacityProviders"] == ["FARGATE", provider]
    managed = provider_of(yard, provider)
    assert managed["autoScalingGroupProvider"]["managedScaling"]["status"] == "ENABLED"
    assert managed["autoScalingGroupProvider"]["autoScalingGroupArn"].endswith(f"autoScalingGroupName/{group}")
    assert managed["tags"] == [{"key": "stage", "value": "sandbox"}]
    assert {tag["Key"]: tag["PropagateAtLaunch"] for tag in yard.described(group)["Tags"]} == {
        "stage": True,
        "AmazonECSManaged": True,
    }

    arn = yard.run(yard.definition(image, "end", "0"), provider)
    assert yard.reached(arn, "STOPPED")["containers"][0]["exitCode"] == 0
    [instance] = yard.instances(group)

    stacks.delete(name)
    assert stacks.status(name) == "DELETED"
    assert yard.state(instance) == "terminated"
    assert yard.empty()
    assert (cluster_of(yard)["capacityProviders"], provider_of(yard, provider)) == ([], {})


def changed(said: Json, path: str, value: Any) -> Json:  # noqa: ANN401 - JSON
    """The template with another value at a path."""
    first, _, rest = path.partition("/")
    return {**said, first: changed(said[first], rest, value) if rest else value}


def test_change_is_made_in_place(yard: Yard, stacks: Stacks) -> None:
    before = template(yard.cluster)
    name = stacks.create(before)
    group, provider = (stacks.physical_id(name, which) for which in ("Group", "Provider"))
    yard.desire(group, 1)
    running = yard.instances(group)

    after = changed(before, "Group/Properties/MaxSize", "3")
    after = changed(after, "Group/Properties/Cooldown", "60")
    after = changed(after, "Group/Properties/Tags", [{"Key": "own", "Value": "x", "PropagateAtLaunch": False}])
    scaling = {"Status": "ENABLED", "TargetCapacity": 80, "MaximumScalingStepSize": 1}
    after = changed(after, "Provider/Properties/AutoScalingGroupProvider/ManagedScaling", scaling)
    after = changed(after, "Provider/Properties/Tags", [{"Key": "own", "Value": "x"}])
    after = changed(
        after, "Associations/Properties/CapacityProviders", ["FARGATE", "FARGATE_SPOT", {"Ref": "Provider"}]
    )
    stacks.update(name, after)

    assert stacks.status(name) == "UPDATE_COMPLETE"
    assert (stacks.physical_id(name, "Group"), stacks.physical_id(name, "Provider")) == (group, provider)
    said = yard.described(group)
    assert (said["MaxSize"], said["DefaultCooldown"], yard.instances(group)) == (3, 60, running)
    assert {tag["Key"] for tag in said["Tags"]} == {"own", "AmazonECSManaged"}
    managed = provider_of(yard, provider)
    assert managed["autoScalingGroupProvider"]["managedScaling"]["targetCapacity"] == 80
    assert managed["tags"] == [{"key": "own", "value": "x"}]
    assert cluster_of(yard)["capacityProviders"] == ["FARGATE", "FARGATE_SPOT", provider]


def test_another_group_makes_another_provider(yard: Yard, stacks: Stacks) -> None:
    before = template(yard.cluster)
    name = stacks.create(before)
    provider = stacks.physical_id(name, "Provider")

    stacks.update(name, changed(before, "Group/Properties/AutoScalingGroupName", f"{yard.cluster}-other"))

    assert stacks.status(name) == "UPDATE_COMPLETE"
    other = stacks.physical_id(name, "Provider")
    assert (other != provider, provider_of(yard, provider)) == (True, {})
    assert cluster_of(yard)["capacityProviders"] == ["FARGATE", other]


def test_deletion_hangs_on_an_instance_that_is_protected(yard: Yard, stacks: Stacks) -> None:
    said = changed(template(yard.cluster), "Group/Properties/NewInstancesProtectedFromScaleIn", value=True)
    name = stacks.create(said)
    group = stacks.physical_id(name, "Group")
    yard.desire(group, 1)
    [instance] = yard.instances(group)

    stacks.delete(name)

    assert stacks.status(name) == "DELETE_FAILED"
    assert f"its instances do not end: {instance} (protected)" in stacks.reasons(name)
    assert yard.state(instance) == "running"
    yard.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
    stacks.delete(name)
    assert stacks.status(name) == "DELETED"


def test_deletion_is_refused_while_a_task_uses_the_provider(yard: Yard, stacks: Stacks, image: str) -> None:
    name = stacks.create(template(yard.cluster))
    arn = yard.run(yard.definition(image, "wait"), stacks.physical_id(name, "Provider"))
    yard.reached(arn, "RUNNING")

    stacks.delete(name)

    assert stacks.status(name) == "DELETE_FAILED"
    assert "The specified capacity provider is in use and cannot be removed." in stacks.reasons(name)
    assert stacks.physical_id(name, "Associations") == yard.cluster
    yard.ecs.stop_task(cluster=yard.cluster, task=arn)
    yard.reached(arn, "STOPPED")
    stacks.delete(name)
    assert stacks.status(name) == "DELETED"


def test_desired_count_that_somebody_moved_stays_at_a_change(yard: Yard, stacks: Stacks) -> None:
    before = changed(template(yard.cluster), "Group/Properties/DesiredCapacity", "0")
    name = stacks.create(before)
    group = stacks.physical_id(name, "Group")
    yard.desire(group, 1)

    stacks.update(name, changed(before, "Group/Properties/MaxSize", "3"))

    assert (yard.described(group)["DesiredCapacity"], len(yard.instances(group))) == (1, 1)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("Group/Properties/Invented", "x", "makes no Auto Scaling group with Invented"),
        ("Group/Properties/MaxSize", "many", "expected type: integer, found: String"),
        ("Provider/Properties/Invented", "x", "extraneous key"),
        ("Provider/Properties/Name", "ecs-mine", "cannot begin with aws, ecs or fargate"),
        ("Provider/Properties/AutoScalingGroupProvider/AutoScalingGroupArn", "none", "is not valid"),
        (
            "Provider/Properties/AutoScalingGroupProvider/ManagedTerminationProtection",
            "ENABLED",
            "must have instance protection from scale in enabled",
        ),
        ("Associations/Properties/CapacityProviders", ["none"], "'none' was not found"),
        ("Associations/Properties/CapacityProviders", [{"Ref": "Provider"}], "not associated with the cluster"),
    ],
)
def test_what_aws_refuses_rolls_the_stack_back(
    path: str, value: object, words: str, yard: Yard, stacks: Stacks
) -> None:
    name = stacks.create(changed(template(yard.cluster), path, value))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert words in stacks.reasons(name)
    found = yard.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [one for one in found if one["AutoScalingGroupName"].startswith(name)] == []


def test_managed_scaling_moves_nothing_while_a_stack_is_deleted(yard: Yard, stacks: Stacks, image: str) -> None:
    name = stacks.create(template(yard.cluster))
    group = stacks.physical_id(name, "Group")
    arn = yard.run(yard.definition(image, "end", "0"), stacks.physical_id(name, "Provider"))
    yard.reached(arn, "STOPPED")

    stacks.delete(name)
    yard.aws.pass_time(3600)

    assert yard.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"] == []
    eventually(yard.empty)
