"""EC2's own calls: what is launched, refused, and left."""

import urllib.error

import pytest

from mlstack.local.aws import LocalAws
from tests.local.ec2.looking import Client, described, living
from tests.local.ec2.machine import ARM, PARAMETER, SPOT_ONCE, SPOT_TO_STOP
from tests.local.patience import eventually


def launch(ec2: Client, **more: object) -> str:
    asked = {"ImageId": f"resolve:ssm:{PARAMETER}", "InstanceType": "g5.xlarge", **more}
    return str(ec2.run_instances(**asked, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"])


def refused(ec2: Client, call: str, **asked: object) -> str:
    with pytest.raises(ec2.exceptions.ClientError) as error:
        getattr(ec2, call)(**asked)
    return str(error.value.response["Error"]["Code"])


def end(ec2: Client, name: str) -> None:
    request = described(ec2, name).get("SpotInstanceRequestId")
    if request:
        ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request])
    ec2.terminate_instances(InstanceIds=[name])


def test_an_image_that_is_a_parameter_is_the_newest_of_its_processor(local_aws: LocalAws, ec2: Client) -> None:
    ssm = local_aws.client("ssm")
    newest = ssm.get_parameter(Name=ARM)["Parameter"]
    newer = local_aws.newer_image(ARM)

    name = launch(ec2, ImageId=f"resolve:ssm:{ARM}", InstanceType="g5g.xlarge")

    said = described(ec2, name)
    [image] = ec2.describe_images(ImageIds=[said["ImageId"]])["Images"]
    end(ec2, name)
    assert newest["Value"] != newer == said["ImageId"]
    assert ssm.get_parameter(Name=ARM)["Parameter"]["Version"] == newest["Version"] + 1
    assert (said["Architecture"], image["Architecture"]) == ("arm64", "arm64")
    assert (image["ImageOwnerAlias"], image["RootDeviceName"]) == ("amazon", "/dev/xvda")


def test_every_line_has_an_image_and_nobody_can_put_one(local_aws: LocalAws, ec2: Client) -> None:
    ssm = local_aws.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/aws/service/deeplearning/ami", Recursive=True)
    found = {one["Name"]: one["Value"] for page in pages for one in page["Parameters"]}

    assert {PARAMETER, ARM} <= found.keys()
    assert len(set(found.values())) == len(found)
    assert len(ec2.describe_images(ImageIds=sorted(found.values()))["Images"]) == len(found)
    assert refused(ssm, "put_parameter", Name=PARAMETER, Value="ami-1", Type="String", Overwrite=True)


def test_an_image_of_another_processor_launches_nothing(ec2: Client) -> None:
    asked = {"ImageId": f"resolve:ssm:{ARM}", "InstanceType": "g5.xlarge", "MinCount": 1, "MaxCount": 1}

    assert refused(ec2, "run_instances", **asked) == "InvalidParameterValue"
    assert living(ec2) == []


def test_a_subnet_with_an_instance_stays_until_the_instance_is_gone(ec2: Client) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.6.1.0/24")["Subnet"]["SubnetId"]
    name = launch(ec2, SubnetId=subnet)

    code = refused(ec2, "delete_subnet", SubnetId=subnet)
    end(ec2, name)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)

    assert code == "DependencyViolation"


def test_a_line_that_aws_does_not_build_has_no_newer_image(local_aws: LocalAws) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        local_aws.newer_image("/aws/service/deeplearning/ami/x86_64/none")

    assert (refusal.value.code, b"no line of Deep Learning AMIs" in refusal.value.read()) == (400, True)


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("resolve:ssm:/aws/service/deeplearning/ami/x86_64/none", "SsmInvalidParameter"),
        ("resolve:ssm:/text", "SsmInvalidParameter"),
        ("resolve:ssm:", "SsmInvalidParameter"),
        ("ami-xyz", "InvalidAMIID.Malformed"),
        ("", "MissingParameter"),
    ],
)
def test_what_means_no_image_launches_nothing(local_aws: LocalAws, ec2: Client, image: str, code: str) -> None:
    ssm = local_aws.client("ssm")
    ssm.put_parameter(Name="/text", Type="String", Value="ami-12345678")

    said = refused(ec2, "run_instances", ImageId=image, MinCount=1, MaxCount=1)

    ssm.delete_parameter(Name="/text")
    assert said == code


def test_a_disk_under_another_name_than_the_images_comes_beside_it(ec2: Client) -> None:
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 120, "VolumeType": "gp3"}}

    name = launch(ec2, ImageId=f"resolve:ssm:{ARM}", InstanceType="g5g.xlarge", BlockDeviceMappings=[disk])

    disks = {one["DeviceName"]: one["Ebs"] for one in described(ec2, name)["BlockDeviceMappings"]}
    end(ec2, name)
    assert {device: ebs["DeleteOnTermination"] for device, ebs in disks.items()} == {
        "/dev/xvda": True,
        "/dev/sda1": False,
    }
    ec2.delete_volume(VolumeId=disks["/dev/sda1"]["VolumeId"])


def test_a_running_instance_changes_no_type_and_a_terminated_one_does_nothing(ec2: Client) -> None:
    name = launch(ec2)
    kind = {"InstanceId": name, "InstanceType": {"Value": "g6.xlarge"}}
    running = refused(ec2, "modify_instance_attribute", **kind)
    ec2.stop_instances(InstanceIds=[name])
    ec2.modify_instance_attribute(**kind)
    end(ec2, name)

    assert running == "IncorrectInstanceState"
    assert described(ec2, name)["InstanceType"] == "g6.xlarge"
    for call in ("start_instances", "stop_instances"):
        assert refused(ec2, call, InstanceIds=[name]) == "IncorrectInstanceState"


def test_a_start_is_a_new_launch_time(ec2: Client) -> None:
    name = launch(ec2)
    before = described(ec2, name)["LaunchTime"]
    ec2.stop_instances(InstanceIds=[name])
    ec2.start_instances(InstanceIds=[name])

    def later() -> bool:
        """EC2 tells whole seconds: start again until one has gone by."""
        ec2.stop_instances(InstanceIds=[name])
        ec2.start_instances(InstanceIds=[name])
        return bool(described(ec2, name)["LaunchTime"] > before)

    assert eventually(later)
    end(ec2, name)


def test_shutdown_behaviour_changes_alone(ec2: Client) -> None:
    name = launch(ec2)
    groups = described(ec2, name)["SecurityGroups"]

    ec2.modify_instance_attribute(InstanceId=name, InstanceInitiatedShutdownBehavior={"Value": "terminate"})

    said = ec2.describe_instance_attribute(InstanceId=name, Attribute="instanceInitiatedShutdownBehavior")
    assert said["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    assert described(ec2, name)["SecurityGroups"] == groups
    end(ec2, name)


def test_one_time_spot_cannot_be_stopped_and_ends_its_request(ec2: Client) -> None:
    name = launch(ec2, InstanceMarketOptions=SPOT_ONCE)

    code = refused(ec2, "stop_instances", InstanceIds=[name])
    ec2.terminate_instances(InstanceIds=[name])

    assert code == "UnsupportedOperation"
    assert request_of(ec2, name)["State"] == "closed"


def test_a_persistent_request_follows_its_instance_until_it_is_cancelled(ec2: Client) -> None:
    name = launch(ec2, InstanceMarketOptions=SPOT_TO_STOP)
    states = [request_of(ec2, name)["State"]]
    for call in ("stop", "start", "stop"):
        getattr(ec2, f"{call}_instances")(InstanceIds=[name])
        states.append(request_of(ec2, name)["State"])

    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request_of(ec2, name)["SpotInstanceRequestId"]])

    assert states == ["active", "disabled", "active", "disabled"]
    assert request_of(ec2, name)["State"] == "cancelled"
    assert described(ec2, name)["State"]["Name"] == "terminated"
    assert living(ec2) == []


def test_an_instance_outlives_the_request_that_was_cancelled_while_it_ran_and_cannot_be_stopped(ec2: Client) -> None:
    name = launch(ec2, InstanceMarketOptions=SPOT_TO_STOP)

    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request_of(ec2, name)["SpotInstanceRequestId"]])
    state = described(ec2, name)["State"]["Name"]
    code = refused(ec2, "stop_instances", InstanceIds=[name])
    ec2.terminate_instances(InstanceIds=[name])

    assert (state, code) == ("running", "IncorrectSpotRequestState")
    assert living(ec2) == []


def test_a_spot_instance_keeps_its_type(ec2: Client) -> None:
    name = launch(ec2, InstanceMarketOptions=SPOT_TO_STOP)
    ec2.stop_instances(InstanceIds=[name])

    kind = {"InstanceId": name, "InstanceType": {"Value": "g6.xlarge"}}

    assert refused(ec2, "modify_instance_attribute", **kind) == "UnsupportedOperation"


def test_what_is_no_request_cannot_be_cancelled_and_what_contradicts_itself_not_be_made(ec2: Client) -> None:
    options = {"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "stop"}
    asked = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}

    unknown = refused(ec2, "cancel_spot_instance_requests", SpotInstanceRequestIds=["sir-1"])
    market = {"MarketType": "spot", "SpotOptions": options}
    contradiction = refused(ec2, "run_instances", **asked, InstanceMarketOptions=market)

    assert unknown == "InvalidSpotInstanceRequestID.NotFound"
    assert contradiction == "InvalidParameterCombination"


def test_a_template_that_is_not_there_launches_nothing(ec2: Client) -> None:
    asked = {"LaunchTemplate": {"LaunchTemplateId": "lt-0123456789abcdef0"}, "MinCount": 1, "MaxCount": 1}

    assert refused(ec2, "run_instances", **asked) == "InvalidLaunchTemplateId.NotFound"


def request_of(ec2: Client, instance: str) -> dict[str, str]:
    filters = [{"Name": "instance-id", "Values": [instance]}]
    [said] = ec2.describe_spot_instance_requests(Filters=filters)["SpotInstanceRequests"]
    found: dict[str, str] = said
    return found
