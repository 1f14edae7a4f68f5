"""A workstation's stack from its making to its end, as CloudFormation tells it, without the CDK."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.ec2.looking import Client, described, labels, living
from tests.local.ec2.machine import (
    LABELS,
    OUTPUTS,
    PARAMETER,
    SPOT_ONCE,
    SPOT_TO_STOP,
    USER_DATA,
    Wish,
    belts,
    workstation,
)
from tests.local.patience import eventually
from tests.local.stacks import Stacks

WAITED_FOR = {"ResourceSignal": {"Count": 1, "Timeout": "PT20M"}}
STACK = "aws:cloudformation:stack-name"


def waiting(ec2: Client) -> tuple[str, ...]:
    """The one machine, and the stack that it belongs to, as soon as its tags tell."""
    for machine in living(ec2):
        tags = {tag["Key"]: tag["Value"] for tag in described(ec2, machine).get("Tags", [])}
        if STACK in tags:
            return machine, tags[STACK]
    return ()


def test_a_workstation_is_made_changed_in_place_and_gone(stacks: Stacks, local_aws: LocalAws, ec2: Client) -> None:
    before = inventory(local_aws.client)
    name = stacks.create({**workstation(), **belts(45, "22:00")}, Outputs=OUTPUTS)
    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    outputs = stacks.outputs(name)
    first = described(ec2, outputs["Machine"])

    changed = Wish(instance_type="g5.xlarge", at_shutdown="terminate", script="#!/bin/sh\n", tags={"Name": "renamed"})
    stacks.update(name, {**workstation(changed), **belts(75, "20:30")}, Outputs=OUTPUTS)
    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    second = described(ec2, outputs["Machine"])
    behaviour = ec2.describe_instance_attribute(
        InstanceId=outputs["Machine"], Attribute="instanceInitiatedShutdownBehavior"
    )
    changed_belts = described_belts(local_aws)
    gaps = [gap for gap in local_aws.gaps() if gap["stack"] == name]
    after, during = stacks.outputs(name), inventory(local_aws.client) - before
    stacks.delete(name)

    assert gaps == []
    assert (first["InstanceType"], second["InstanceType"]) == ("g4dn.xlarge", "g5.xlarge")
    assert second["State"]["Name"] == "running"
    assert behaviour["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
    assert labels(first) == {**LABELS, "Name": "mlstack-sandbox-gpu"}
    assert labels(second) == {**LABELS, "Name": "renamed"}
    assert (outputs["Latest"], outputs["Default"]) == ("1", "1")
    assert (after["Machine"], after["Template"]) == (outputs["Machine"], outputs["Template"])
    assert (after["Latest"], after["Default"]) == ("2", "1")
    assert outputs["Address"] == first["PrivateIpAddress"]
    assert changed_belts == (75.0, {"minutes": "75"}, 2, "cron(30 20 * * ? *)")
    assert {"instance", "volume", "launch template", "instance profile", "schedule"} <= {one.kind for one in during}
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert inventory(local_aws.client) == before
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []


def described_belts(local_aws: LocalAws) -> tuple[float, dict[str, str], int, str]:
    """The alarm's threshold, the parameter's value and version, and the schedule."""
    alarm = local_aws.client("cloudwatch").describe_alarms(AlarmNames=["belt"])["MetricAlarms"][0]
    parameter = local_aws.client("ssm").get_parameter(Name="/mlstack/sandbox/workstations/gpu")["Parameter"]
    scheduled = local_aws.client("scheduler").get_schedule(Name="belt")
    assert (alarm["TreatMissingData"], scheduled["State"]) == ("breaching", "ENABLED")
    assert alarm["AlarmActions"] == ["arn:aws:automate:us-east-1:ec2:stop"]
    return alarm["Threshold"], json.loads(parameter["Value"]), parameter["Version"], scheduled["ScheduleExpression"]


def test_everything_in_the_launch_template_holds(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(Wish(market=SPOT_TO_STOP)), Outputs=OUTPUTS)

    said = described(ec2, stacks.outputs(name)["Machine"])
    [disk] = ec2.describe_volumes(
        VolumeIds=[one["Ebs"]["VolumeId"] for one in said["BlockDeviceMappings"]],
    )["Volumes"]
    script = ec2.describe_instance_attribute(InstanceId=said["InstanceId"], Attribute="userData")["UserData"]["Value"]
    options = {key: said["MetadataOptions"][key] for key in ("HttpTokens", "HttpPutResponseHopLimit")}
    assert base64.b64decode(script).decode() == USER_DATA
    assert said["MetadataOptions"]["InstanceMetadataTags"] == "enabled"
    assert options == {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert said["PublicIpAddress"]
    assert said["SubnetId"] == stacks.physical_id(name, "Subnet")
    assert [one["GroupId"] for one in said["SecurityGroups"]] == [stacks.physical_id(name, "Group")]
    assert said["IamInstanceProfile"]["Arn"].endswith(stacks.physical_id(name, "Profile"))
    assert (disk["Size"], disk["VolumeType"], disk["Encrypted"]) == (120, "gp3", True)
    assert labels(disk) == LABELS
    assert said["InstanceLifecycle"] == "spot"
    for request in ec2.describe_spot_instance_requests()["SpotInstanceRequests"]:
        ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[request["SpotInstanceRequestId"]])


def test_a_newer_image_replaces_nothing_until_the_machine_is_replaced(
    stacks: Stacks, local_aws: LocalAws, ec2: Client
) -> None:
    name = stacks.create(workstation(), Outputs=OUTPUTS)
    old = described(ec2, stacks.outputs(name)["Machine"])

    newer = local_aws.newer_image(PARAMETER)
    stacks.update(name, workstation(Wish(tags={"Name": "same machine"})), Outputs=OUTPUTS)
    same = described(ec2, stacks.outputs(name)["Machine"])
    version = {"Fn::GetAtt": ["Template", "LatestVersionNumber"]}
    stacks.update(name, workstation(Wish(script="#!/bin/true\n", version=version)), Outputs=OUTPUTS)
    new = described(ec2, stacks.outputs(name)["Machine"])

    assert newer != old["ImageId"]
    assert (same["InstanceId"], same["ImageId"]) == (old["InstanceId"], old["ImageId"])
    assert new["InstanceId"] != old["InstanceId"]
    assert new["ImageId"] == newer
    assert living(ec2) == [new["InstanceId"]]


def test_a_stopped_machine_changes_its_type_and_stays_stopped(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(), Outputs=OUTPUTS)
    machine = stacks.outputs(name)["Machine"]
    ec2.stop_instances(InstanceIds=[machine])

    stacks.update(name, workstation(Wish(instance_type="g6.xlarge")), Outputs=OUTPUTS)

    said = described(ec2, machine)
    assert (said["InstanceType"], said["State"]["Name"]) == ("g6.xlarge", "stopped")


def test_a_spot_machine_cannot_change_its_type_and_goes_on_as_it_was(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(Wish(market=SPOT_TO_STOP)), Outputs=OUTPUTS)

    stacks.update(name, workstation(Wish(market=SPOT_TO_STOP, instance_type="g6.xlarge")), Outputs=OUTPUTS)

    said = described(ec2, stacks.outputs(name)["Machine"])
    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE"
    assert "You can't change the instance type of the Spot Instance" in stacks.reasons(name)
    assert (said["InstanceType"], said["State"]["Name"]) == ("g4dn.xlarge", "running")


def test_a_new_version_holds_what_the_template_says_and_changes_no_machine(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(), Outputs=OUTPUTS)
    changed = workstation(Wish(script="#!/bin/true\n"))
    changed["Template"]["Properties"] |= {
        "VersionDescription": "another script",
        "TagSpecifications": [{"ResourceType": "launch-template", "Tags": [{"Key": "owner", "Value": "me"}]}],
    }
    before = described(ec2, stacks.outputs(name)["Machine"])

    stacks.update(name, changed, Outputs=OUTPUTS)

    template = stacks.outputs(name)["Template"]
    asked = {"LaunchTemplateId": template, "Versions": ["$Latest"]}
    [version] = ec2.describe_launch_template_versions(**asked)["LaunchTemplateVersions"]
    [said] = ec2.describe_launch_templates(LaunchTemplateIds=[template])["LaunchTemplates"]
    assert base64.b64decode(version["LaunchTemplateData"]["UserData"]) == b"#!/bin/true\n"
    assert (version["VersionNumber"], version["VersionDescription"]) == (2, "another script")
    assert {"Key": "owner", "Value": "me"} in said["Tags"]
    assert described(ec2, stacks.outputs(name)["Machine"]) == before


def test_a_disk_that_is_to_be_kept_outlives_its_stack_and_is_told_before(
    stacks: Stacks, ec2: Client, local_aws: LocalAws
) -> None:
    name = stacks.create(workstation(Wish(keeps_disk=True)), Outputs=OUTPUTS)
    [mapping] = described(ec2, stacks.outputs(name)["Machine"])["BlockDeviceMappings"]
    disk = mapping["Ebs"]["VolumeId"]
    told = local_aws.retained()

    stacks.delete(name)

    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]["State"] == "available"
    assert told == {("volume", disk)}
    ec2.delete_volume(VolumeId=disk)


def test_a_persistent_request_that_nobody_cancelled_launches_anew_and_holds_the_stack(
    stacks: Stacks, ec2: Client
) -> None:
    name = stacks.create(workstation(Wish(market=SPOT_TO_STOP)), Outputs=OUTPUTS)
    machine = stacks.outputs(name)["Machine"]

    stacks.delete(name)
    status, [another] = stacks.status(name), living(ec2)
    said = described(ec2, another)
    ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=[said["SpotInstanceRequestId"]])
    ec2.terminate_instances(InstanceIds=[another])
    stacks.delete(name)

    assert status == "DELETE_FAILED"
    assert another != machine
    assert labels(said)["workstation"] == "gpu"
    assert living(ec2) == []
    assert stacks.status(name) == "DELETED", stacks.reasons(name)


def test_a_one_time_request_ends_with_its_machine(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(Wish(market=SPOT_ONCE)), Outputs=OUTPUTS)
    request = described(ec2, stacks.outputs(name)["Machine"])["SpotInstanceRequestId"]

    stacks.delete(name)

    [said] = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[request])["SpotInstanceRequests"]
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert (said["Type"], said["State"]) == ("one-time", "closed")


def test_an_image_that_nobody_published_makes_no_template(stacks: Stacks) -> None:
    name = stacks.create(workstation(Wish(image="resolve:ssm:/aws/service/deeplearning/ami/x86_64/none")))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "Template: " in stacks.reasons(name)
    assert "/aws/service/deeplearning/ami/x86_64/none does not exist" in stacks.reasons(name)


def test_a_property_that_no_launch_template_has_is_refused(stacks: Stacks) -> None:
    resources = workstation()
    resources["Template"]["Properties"]["LaunchTemplateData"]["Imageid"] = "ami-12345678"

    name = stacks.create(resources)

    assert "#/LaunchTemplateData: extraneous key [Imageid] is not permitted" in stacks.reasons(name)


@pytest.mark.parametrize("verdict", ["SUCCESS", "FAILURE"])
def test_a_stack_waits_for_its_machine_and_answers_meanwhile(
    stacks: Stacks, local_aws: LocalAws, ec2: Client, verdict: str
) -> None:
    cloudformation = local_aws.client("cloudformation")
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(stacks.create, workstation(Wish(policy=WAITED_FOR)))
        machine, stack = eventually(lambda: waiting(ec2))
        during = stacks.status(stack)
        signal = {"StackName": stack, "LogicalResourceId": "Machine", "UniqueId": machine, "Status": verdict}
        cloudformation.signal_resource(**signal)
        making.result(timeout=15)

    ended = {"SUCCESS": "CREATE_COMPLETE", "FAILURE": "ROLLBACK_COMPLETE"}
    assert (during, stacks.status(stack)) == ("CREATE_IN_PROGRESS", ended[verdict]), stacks.reasons(stack)
    assert f"Received {verdict} signal with UniqueId {machine}" in stacks.reasons(stack)
    assert ("Received 1 FAILURE signal(s) out of 1." in stacks.reasons(stack)) == (verdict == "FAILURE")
    assert living(ec2) == ([machine] if verdict == "SUCCESS" else [])


def test_a_machine_that_never_speaks_fails_its_stack(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(Wish(policy={"ResourceSignal": {"Timeout": "PT0S"}})))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "Failed to receive 1 resource signal(s) within the specified duration" in stacks.reasons(name)
    assert living(ec2) == []


def test_a_stack_that_waits_can_be_deleted(stacks: Stacks, ec2: Client) -> None:
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(stacks.create, workstation(Wish(policy=WAITED_FOR)))
        _, stack = eventually(lambda: waiting(ec2))
        stacks.delete(stack)
        making.result(timeout=15)

    assert stacks.status(stack) == "DELETED"
    assert living(ec2) == []


def test_a_machine_that_takes_anothers_place_is_waited_for_and_goes_when_it_fails(stacks: Stacks, ec2: Client) -> None:
    name = stacks.create(workstation(), Outputs=OUTPUTS)
    machine = stacks.outputs(name)["Machine"]
    silent = Wish(
        script="#!/bin/true\n",
        version={"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
        policy={"ResourceSignal": {"Timeout": "PT0S"}},
    )

    stacks.update(name, workstation(silent), Outputs=OUTPUTS)

    assert stacks.status(name) == "UPDATE_ROLLBACK_COMPLETE", stacks.reasons(name)
    assert stacks.outputs(name)["Machine"] == machine
    assert "Failed to receive 1 resource signal(s)" in stacks.reasons(name)
    assert living(ec2) == [machine]


def test_signals_that_nobody_waits_for_are_refused(stacks: Stacks, local_aws: LocalAws) -> None:
    cloudformation = local_aws.client("cloudformation")
    name = stacks.create({"Queue": {"Type": "AWS::SQS::Queue"}})
    signal = {"StackName": name, "UniqueId": "i-1", "Status": "SUCCESS"}

    with pytest.raises(cloudformation.exceptions.ClientError) as known:
        cloudformation.signal_resource(**signal, LogicalResourceId="Queue")
    with pytest.raises(cloudformation.exceptions.ClientError) as unknown:
        cloudformation.signal_resource(**signal, LogicalResourceId="Nothing")

    assert "Resource Queue is in CREATE_COMPLETE state and cannot be signaled" in str(known.value)
    assert f"Resource Nothing does not exist for stack {name}" in str(unknown.value)
