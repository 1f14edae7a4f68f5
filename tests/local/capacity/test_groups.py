"""Auto Scaling groups: what they launch is launched by EC2, and they end only when they are empty."""

from collections.abc import Callable

import pytest

from tests.local.capacity.yard import ON_DEMAND, PLAIN_IMAGE, Json, Yard
from tests.local.patience import eventually

Refused = Callable[..., tuple[str, str]]


def described(yard: Yard, instance: str) -> Json:
    return dict(yard.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0])


def test_group_launches_its_template_with_all_of_its_data(yard: Yard) -> None:
    options = {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 70, "Encrypted": True}}]
    template = yard.template(MetadataOptions=options, BlockDeviceMappings=disk)
    tags = [
        {"Key": "stage", "Value": "sandbox", "PropagateAtLaunch": True},
        {"Key": "own", "Value": "group's", "PropagateAtLaunch": False},
    ]
    group = yard.group(MixedInstancesPolicy=yard.policy(template, "g5.xlarge"), Tags=tags)

    yard.desire(group, 1)

    [name] = yard.instances(group)
    said = described(yard, name)
    [volume] = yard.ec2.describe_volumes(VolumeIds=[said["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]])["Volumes"]
    assert (said["InstanceType"], said["InstanceLifecycle"]) == ("g5.xlarge", "spot")
    assert said["MetadataOptions"]["HttpTokens"] == "required"
    assert (volume["Size"], volume["Encrypted"]) == (70, True)
    labels = {tag["Key"]: tag["Value"] for tag in said["Tags"] if "ec2launchtemplate" not in tag["Key"]}
    assert labels == {"stage": "sandbox", "aws:autoscaling:groupName": group}


def test_group_takes_the_newest_image_at_each_launch(yard: Yard, local_aws_image: Callable[[], str]) -> None:
    group = yard.group()
    yard.desire(group, 1)
    before = yard.instances(group)
    newer = local_aws_image()

    yard.desire(group, 2)

    [later] = [name for name in yard.instances(group) if name not in before]
    assert described(yard, later)["ImageId"] == newer
    assert described(yard, before[0])["ImageId"] != newer


def test_instances_are_spread_over_the_subnets(yard: Yard) -> None:
    group = yard.group()

    yard.desire(group, 2)

    assert {described(yard, name)["SubnetId"] for name in yard.instances(group)} == {*yard.subnets()}


def test_network_interface_of_a_template_is_put_into_the_subnet(yard: Yard) -> None:
    vpc = yard.ec2.describe_subnets(SubnetIds=yard.subnets())["Subnets"][0]["VpcId"]
    closed = yard.ec2.create_security_group(GroupName=yard.cluster, Description="closed", VpcId=vpc)["GroupId"]
    interface = {"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [closed], "DeleteOnTermination": True}
    template = yard.template(NetworkInterfaces=[interface])
    group = yard.group(LaunchTemplate={"LaunchTemplateId": template})

    yard.desire(group, 1)

    said = described(yard, yard.instances(group)[0])
    yard.desire(group, 0)
    yard.ec2.delete_security_group(GroupId=closed)
    assert said["SubnetId"] in yard.subnets()
    assert [one["GroupId"] for one in said["SecurityGroups"]] == [closed]
    assert said.get("InstanceLifecycle") != "spot"


def test_instance_has_its_templates_profile_by_its_arn(yard: Yard) -> None:
    iam = yard.aws.client("iam")
    profile = iam.create_instance_profile(InstanceProfileName=yard.cluster)["InstanceProfile"]["Arn"]
    iam.add_role_to_instance_profile(InstanceProfileName=yard.cluster, RoleName="any")
    labels = [{"ResourceType": kind, "Tags": [{"Key": "stage", "Value": "x"}]} for kind in ("instance", "volume")]
    group = yard.group(
        LaunchTemplate={
            "LaunchTemplateId": yard.template(IamInstanceProfile={"Arn": profile}, TagSpecifications=labels)
        },
        Tags=[{"Key": "own", "Value": "y", "PropagateAtLaunch": True}],
    )

    yard.desire(group, 1)

    said = described(yard, yard.instances(group)[0])
    assert said["IamInstanceProfile"]["Arn"] == profile
    assert {"stage": "x", "own": "y"}.items() <= {tag["Key"]: tag["Value"] for tag in said["Tags"]}.items()
    yard.desire(group, 0)
    iam.remove_role_from_instance_profile(InstanceProfileName=yard.cluster, RoleName="any")
    iam.delete_instance_profile(InstanceProfileName=yard.cluster)


@pytest.mark.parametrize(
    ("base", "percent", "spot"), [(0, 0, 3), (1, 0, 2), (0, 100, 0), (0, 50, 1), (2, 50, 0), (5, 0, 0)]
)
def test_markets_are_shared_as_the_policy_says(base: int, percent: int, spot: int, yard: Yard) -> None:
    said = {"OnDemandBaseCapacity": base, "OnDemandPercentageAboveBaseCapacity": percent}
    group = yard.group(MixedInstancesPolicy=yard.policy(yard.template(), "g4dn.xlarge", **said))

    yard.desire(group, 3)

    found = [described(yard, name).get("InstanceLifecycle") for name in yard.instances(group)]
    assert (len(found), found.count("spot")) == (3, spot)


def test_next_type_is_taken_where_the_first_has_no_spot_capacity(yard: Yard) -> None:
    group = yard.group()
    yard.set(no_spot=["g4dn.xlarge"])

    yard.desire(group, 1)

    [name] = yard.instances(group)
    assert described(yard, name)["InstanceType"] == "g5.xlarge"


@pytest.mark.parametrize(
    ("knob", "distribution", "words"),
    [
        ("no_spot", {}, "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity"),
        (
            "no_on_demand",
            ON_DEMAND,
            "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient",
        ),
    ],
)
def test_group_without_capacity_says_so_and_tries_again(knob: str, distribution: Json, words: str, yard: Yard) -> None:
    policy = yard.policy(yard.template(), "g4dn.xlarge", "g5.xlarge", **distribution)
    group = yard.group(MixedInstancesPolicy=policy)
    yard.set(**{knob: ["*"]})

    yard.desire(group, 1)

    [activity] = yard.activities(group)
    assert activity["StatusCode"] == "Failed"
    assert activity["StatusMessage"].startswith(words)
    assert activity["StatusMessage"].endswith("Launching EC2 instance failed.")
    assert yard.instances(group) == []
    yard.set(**{knob: []})
    yard.aws.pass_time(61)
    assert len(yard.instances(group)) == 1
    assert yard.activities(group)[0]["StatusCode"] == "Successful"


def test_run_instances_is_refused_too_where_there_is_no_capacity(yard: Yard, refused: Refused) -> None:
    template = {"LaunchTemplateId": yard.template()}
    spot = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time"}}
    yard.set(no_spot=["g4dn.xlarge"])

    asked = {"LaunchTemplate": template, "MinCount": 1, "MaxCount": 1, "InstanceMarketOptions": spot}
    code, words = refused(yard.ec2.run_instances, **asked)

    assert code == "InsufficientInstanceCapacity"
    assert words == "There is no Spot capacity available that matches your request."


def test_group_with_instances_is_deleted_by_force_alone(yard: Yard, refused: Refused) -> None:
    group = yard.group()
    yard.desire(group, 2)
    names = yard.instances(group)
    delete = yard.autoscaling.delete_auto_scaling_group

    assert refused(delete, AutoScalingGroupName=group)[0] == "ResourceInUse"
    assert [yard.state(name) for name in names] == ["running", "running"]

    delete(AutoScalingGroupName=group, ForceDelete=True)

    assert [yard.state(name) for name in names] == ["terminated", "terminated"]
    assert yard.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"] == []
    code, words = refused(delete, AutoScalingGroupName=group)
    assert (code, "not found" in words) == ("ValidationError", True)


def test_protected_instances_stay_until_somebody_ends_them_by_name(yard: Yard) -> None:
    group = yard.group(NewInstancesProtectedFromScaleIn=True)
    yard.desire(group, 2)
    first, second = yard.instances(group)

    yard.desire(group, 0)

    assert yard.instances(group) == [first, second]
    asked = {"ShouldDecrementDesiredCapacity": False}
    yard.autoscaling.terminate_instance_in_auto_scaling_group(InstanceId=first, **asked)
    assert yard.instances(group) == [second]
    yard.autoscaling.set_instance_protection(
        AutoScalingGroupName=group, InstanceIds=[second], ProtectedFromScaleIn=False
    )
    yard.desire(group, 0)
    assert yard.instances(group) == []


def test_instance_ended_by_name_is_replaced_unless_fewer_are_desired(yard: Yard, refused: Refused) -> None:
    group = yard.group(MinSize=1)
    end = yard.autoscaling.terminate_instance_in_auto_scaling_group
    yard.desire(group, 2)
    first, second = yard.instances(group)

    end(InstanceId=first, ShouldDecrementDesiredCapacity=True)
    assert (yard.instances(group), yard.described(group)["DesiredCapacity"]) == ([second], 1)

    end(InstanceId=second, ShouldDecrementDesiredCapacity=False)
    [third] = yard.instances(group)
    assert third not in {first, second}

    code, words = refused(end, InstanceId=third, ShouldDecrementDesiredCapacity=True)
    assert (code, "desiredSize equals minSize" in words) == ("ValidationError", True)
    code, words = refused(end, InstanceId=first, ShouldDecrementDesiredCapacity=True)
    assert (code, "No managed instance found" in words) == ("ValidationError", True)


@pytest.mark.parametrize("how", ["terminate_instances", "unhealthy"])
def test_lost_instance_is_replaced(how: str, yard: Yard) -> None:
    group = yard.group()
    yard.desire(group, 1)
    [lost] = yard.instances(group)

    if how == "unhealthy":
        yard.autoscaling.set_instance_health(InstanceId=lost, HealthStatus="Unhealthy")
    else:
        yard.ec2.terminate_instances(InstanceIds=[lost])

    eventually(lambda: [name for name in yard.instances(group) if name != lost])
    assert (len(yard.instances(group)), yard.state(lost)) == (1, "terminated")


def test_change_keeps_what_it_does_not_name(yard: Yard) -> None:
    group = yard.group(CapacityRebalance=True)
    policy = yard.described(group)["MixedInstancesPolicy"]
    yard.desire(group, 3)

    yard.autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, MaxSize=1, DefaultCooldown=60)

    said = yard.described(group)
    assert (said["MaxSize"], said["DesiredCapacity"], len(said["Instances"])) == (1, 1, 1)
    assert (said["MixedInstancesPolicy"], said["CapacityRebalance"], said["DefaultCooldown"]) == (policy, True, 60)


def test_suspended_launch_waits(yard: Yard) -> None:
    group = yard.group()
    named = {"AutoScalingGroupName": group, "ScalingProcesses": ["Launch"]}
    yard.autoscaling.suspend_processes(**named)
    yard.desire(group, 1)
    assert yard.instances(group) == []

    yard.autoscaling.resume_processes(**named)
    yard.aws.pass_time(0)

    assert len(yard.instances(group)) == 1


@pytest.mark.parametrize(
    ("operation", "asked", "words"),
    [
        ("set_desired_capacity", {"DesiredCapacity": 9}, "is above max value 3"),
        ("set_desired_capacity", {"DesiredCapacity": 0}, "is below min value 1"),
        ("update_auto_scaling_group", {"MinSize": 4}, "Max bound, 3, must be greater"),
        ("update_auto_scaling_group", {"DesiredCapacity": 4}, "must be between the specified min size:1"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(
    operation: str, asked: Json, words: str, yard: Yard, refused: Refused
) -> None:
    group = yard.group(MinSize=1)

    code, said = refused(getattr(yard.autoscaling, operation), AutoScalingGroupName=group, **asked)

    assert (code, words in said) == ("ValidationError", True)
    assert yard.described(group)["DesiredCapacity"] == 1


@pytest.mark.parametrize(
    "operation", ["set_desired_capacity", "update_auto_scaling_group", "describe_scaling_activities"]
)
def test_group_that_is_not_there_is_refused(operation: str, yard: Yard, refused: Refused) -> None:
    more = {"DesiredCapacity": 0} if operation != "describe_scaling_activities" else {}

    code, words = refused(getattr(yard.autoscaling, operation), AutoScalingGroupName="none", **more)

    assert (code, "not found" in words) == ("ValidationError", True)


def test_name_is_taken_once(yard: Yard, refused: Refused) -> None:
    group = yard.group()
    template = {"LaunchTemplateId": yard.template()}
    asked = {"MinSize": 0, "MaxSize": 1, "LaunchTemplate": template, "AvailabilityZones": ["us-east-1a"]}

    code, _ = refused(yard.autoscaling.create_auto_scaling_group, AutoScalingGroupName=group, **asked)

    assert code == "AlreadyExists"


@pytest.mark.parametrize(
    ("template", "override", "words"),
    [
        ({}, {"WeightedCapacity": "2"}, "launches no instances by WeightedCapacity"),
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, {}, "Incompatible launch template"),
    ],
)
def test_what_would_be_launched_otherwise_than_on_aws_is_refused(
    template: Json, override: Json, words: str, yard: Yard, refused: Refused
) -> None:
    policy = yard.policy(yard.template(**template), "g4dn.xlarge")
    policy["LaunchTemplate"]["Overrides"][0] |= override
    asked = {"MinSize": 0, "MaxSize": 1, "MixedInstancesPolicy": policy, "AvailabilityZones": ["us-east-1a"]}

    code, said = refused(yard.autoscaling.create_auto_scaling_group, AutoScalingGroupName="odd", **asked)

    assert (code, words in said) == ("ValidationError", True)


def test_zones_stand_in_for_subnets_and_cpu_instances_need_no_gpu_image(yard: Yard) -> None:
    template = yard.template(image=PLAIN_IMAGE, InstanceType="c5.large")
    group = yard.group(LaunchTemplate={"LaunchTemplateId": template}, AvailabilityZones=["us-east-1b"])

    yard.desire(group, 1)

    [name] = yard.instances(group)
    assert described(yard, name)["Placement"]["AvailabilityZone"] == "us-east-1b"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"LaunchTemplate": {"LaunchTemplateId": "lt-00000000000000000"}},
            "no version $Default of the launch template",
        ),
        ({"LaunchTemplate": {"LaunchTemplateName": "nothing"}}, "no version $Default of the launch template nothing"),
        ({"LaunchConfigurationName": "old"}, "from launch templates alone"),
        ({"InstanceId": "i-00000000000000000"}, "from launch templates alone"),
        ({}, "must contain either LaunchTemplate"),
    ],
)
def test_group_needs_a_launch_template(wanted: Json, words: str, yard: Yard, refused: Refused) -> None:
    create = yard.autoscaling.create_auto_scaling_group
    asked = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"], **wanted}

    code, said = refused(create, AutoScalingGroupName="odd", **asked)

    assert (code, words in said) == ("ValidationError", True)
    assert yard.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["odd"])["AutoScalingGroups"] == []


@pytest.mark.parametrize(("more", "words"), [({"Version": "9"}, "no version 9"), ({"ImageId": None}, "ImageId")])
def test_template_has_to_be_whole(more: Json, words: str, yard: Yard, refused: Refused) -> None:
    data = {"InstanceType": "g4dn.xlarge"}
    template = yard.template()
    if "ImageId" in more:
        name = f"{yard.cluster}-imageless"
        made = yard.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        template = made["LaunchTemplate"]["LaunchTemplateId"]
    named = {"LaunchTemplateId": template, **({"Version": more["Version"]} if "Version" in more else {})}
    asked = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"], "LaunchTemplate": named}

    code, said = refused(yard.autoscaling.create_auto_scaling_group, AutoScalingGroupName="odd", **asked)

    assert (code, words in said) == ("ValidationError", True)
