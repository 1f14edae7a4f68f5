"""What stands around a machine is made, changed in place, and gone: groups, profiles, parameters, alarms, schedules."""

import json
from typing import Any

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import inventory
from tests.local.stacks import Stacks, Template

Tags = dict[str, str]


def listed(tags: Tags) -> list[Template]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def role() -> Template:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def surroundings(egress: list[Template], profile_role: str, tags: Tags, **more: Any) -> dict[str, Template]:  # noqa: ANN401 - properties
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.8.0.0/16"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "one",
                "VpcId": {"Ref": "Vpc"},
                "SecurityGroupEgress": egress,
                "Tags": listed(tags),
            },
        },
        "First": role(),
        "Second": role(),
        "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": profile_role}]}},
        "Settings": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": json.dumps(tags), "Tags": tags},
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Namespace": "mlstack/Workstation",
                "MetricName": "IdleMinutes",
                "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
                "Statistic": "Minimum",
                "Period": 300,
                "EvaluationPeriods": 3,
                "Threshold": 45,
                "ComparisonOperator": "GreaterThanThreshold",
                "Tags": listed(tags),
                **more,
            },
        },
        "Times": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Tags": listed(tags)}},
        "Nightly": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "GroupName": {"Ref": "Times"},
                "ScheduleExpression": f"cron({len(tags)} 22 * * ? *)",
                "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": "5"},
                "Target": {
                    "Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
                    "RoleArn": {"Fn::GetAtt": ["First", "Arn"]},
                    "Input": '{"InstanceIds":["i-1"]}',
                },
            },
        },
    }


OUTPUTS: Template = {
    "Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}},
    "Network": {"Value": {"Fn::GetAtt": ["Group", "VpcId"]}},
    "Profile": {"Value": {"Fn::GetAtt": ["Profile", "Arn"]}},
    "Settings": {"Value": {"Fn::GetAtt": ["Settings", "Value"]}},
    "Nightly": {"Value": {"Fn::GetAtt": ["Nightly", "Arn"]}},
    "Times": {"Value": {"Fn::GetAtt": ["Times", "Arn"]}},
}
ANYWHERE: Template = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
HTTPS: Template = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": "443", "ToPort": 443, "Description": "https"}
NAMES = ("Group", "Profile", "Settings", "Alarm", "Times", "Nightly")


def seen(stacks: Stacks, local_aws: LocalAws, name: str) -> dict[str, Any]:
    """What the services say of each."""
    ids = {part: stacks.physical_id(name, part) for part in (*NAMES, "First", "Second")}
    [group] = local_aws.client("ec2").describe_security_groups(GroupIds=[ids["Group"]])["SecurityGroups"]
    profile = local_aws.client("iam").get_instance_profile(InstanceProfileName=ids["Profile"])["InstanceProfile"]
    ssm, scheduler = local_aws.client("ssm"), local_aws.client("scheduler")
    cloudwatch = local_aws.client("cloudwatch")
    parameter = ssm.get_parameter(Name=ids["Settings"])["Parameter"]
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"]
    schedule = scheduler.get_schedule(Name=ids["Nightly"], GroupName=ids["Times"])
    tagged = [
        group["Tags"],
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=ids["Settings"])["TagList"],
        cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"],
        scheduler.list_tags_for_resource(ResourceArn=stacks.outputs(name)["Times"])["Tags"],
    ]
    return {
        "ids": {part: ids[part] for part in NAMES},
        "egress": [(one["IpProtocol"], one.get("FromPort")) for one in group["IpPermissionsEgress"]],
        "ingress": group["IpPermissions"],
        "role": next(part for part in ("First", "Second") if ids[part] == profile["Roles"][0]["RoleName"]),
        "settings": (parameter["Value"], parameter["Version"]),
        "alarm": (alarm["Threshold"], alarm.get("TreatMissingData"), alarm.get("AlarmActions", [])),
        "schedule": (schedule["ScheduleExpression"], schedule["State"], schedule["FlexibleTimeWindow"]),
        "tags": [{t["Key"]: t["Value"] for t in tags if not t["Key"].startswith("aws:")} for tags in tagged],
    }


def test_what_stands_around_a_machine_is_changed_in_place(stacks: Stacks, local_aws: LocalAws) -> None:
    before = inventory(local_aws.client)
    old, new = {"stage": "one", "owner": "me"}, {"stage": "two"}
    stop = "arn:aws:automate:us-east-1:ec2:stop"
    changes = {"Threshold": "75.5", "TreatMissingData": "breaching", "AlarmActions": [stop]}

    name = stacks.create(surroundings([ANYWHERE], "First", old), Outputs=OUTPUTS)
    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    first, outputs = seen(stacks, local_aws, name), stacks.outputs(name)
    stacks.update(name, surroundings([HTTPS], "Second", new, **changes), Outputs=OUTPUTS)
    assert stacks.status(name) == "UPDATE_COMPLETE", stacks.reasons(name)
    second = seen(stacks, local_aws, name)
    gaps = [gap for gap in local_aws.gaps() if gap["stack"] == name]
    stacks.update(name, surroundings([HTTPS], "Second", new), Outputs=OUTPUTS)
    third = seen(stacks, local_aws, name)
    stacks.delete(name)

    assert gaps == []
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert first == {
        "ids": second["ids"],
        "egress": [("-1", None)],
        "ingress": [],
        "role": "First",
        "settings": (json.dumps(old), 1),
        "alarm": (45.0, None, []),
        "schedule": ("cron(2 22 * * ? *)", "ENABLED", window),
        "tags": [old] * 4,
    }
    assert second == {
        "ids": first["ids"],
        "egress": [("tcp", 443)],
        "ingress": [],
        "role": "Second",
        "settings": (json.dumps(new), 2),
        "alarm": (75.5, "breaching", [stop]),
        "schedule": ("cron(1 22 * * ? *)", "ENABLED", window),
        "tags": [new] * 4,
    }
    assert third["alarm"] == (45.0, None, [])
    assert outputs["Group"] == first["ids"]["Group"]
    assert outputs["Settings"] == json.dumps(old)
    assert outputs["Profile"].endswith(f":instance-profile/{first['ids']['Profile']}")
    assert outputs["Nightly"].endswith(f":schedule/{first['ids']['Times']}/{first['ids']['Nightly']}")
    assert stacks.status(name) == "DELETED", stacks.reasons(name)
    assert inventory(local_aws.client) == before


def test_a_groups_rules_of_every_kind_reach_it(stacks: Stacks, local_aws: LocalAws) -> None:
    rules: list[Template] = [
        {"CidrIpv6": "::/0", "IpProtocol": "udp", "FromPort": 53, "ToPort": 53},
        {"DestinationSecurityGroupId": {"Fn::GetAtt": ["Other", "GroupId"]}, "IpProtocol": "-1"},
    ]
    ingress = [
        {"SourceSecurityGroupId": {"Fn::GetAtt": ["Other", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 1, "ToPort": 2}
    ]
    resources = surroundings(rules, "First", {"stage": "one"})
    resources["Group"]["Properties"]["SecurityGroupIngress"] = ingress
    resources["Other"] = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "other", "VpcId": {"Ref": "Vpc"}},
    }

    name = stacks.create(resources)

    names = [stacks.physical_id(name, part) for part in ("Group", "Other")]
    found = local_aws.client("ec2").describe_security_groups(GroupIds=names)["SecurityGroups"]
    group, other = sorted(found, key=lambda one: names.index(one["GroupId"]))
    assert stacks.status(name) == "CREATE_COMPLETE", stacks.reasons(name)
    assert [one["Ipv6Ranges"] for one in group["IpPermissionsEgress"] if one["IpProtocol"] == "udp"] == [
        [{"CidrIpv6": "::/0"}]
    ]
    for way in ("IpPermissions", "IpPermissionsEgress"):
        pairs = [pair["GroupId"] for one in group[way] for pair in one["UserIdGroupPairs"]]
        assert pairs == [other["GroupId"]]
    assert [one["IpRanges"] for one in other["IpPermissionsEgress"]] == [[{"CidrIp": "0.0.0.0/0"}]]
