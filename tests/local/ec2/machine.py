"""A network and a template of CloudFormation with one workstation, close to what the CDK writes."""

import base64
from dataclasses import dataclass
from typing import Any

from tests.local.stacks import Template

PARAMETER = "/aws/service/deeplearning/ami/x86_64/oss-nvidia-driver-gpu-pytorch-2.12-ubuntu-24.04/latest/ami-id"
ARM = "/aws/service/deeplearning/ami/arm64/base-oss-nvidia-driver-gpu-amazon-linux-2023/latest/ami-id"
USER_DATA = "#!/bin/sh\necho hello\n"
LABELS = {"project": "mlstack", "stage": "sandbox", "workstation": "gpu"}
TAGS = [{"Key": key, "Value": value} for key, value in LABELS.items()]
SPOT_TO_STOP = {
    "MarketType": "spot",
    "SpotOptions": {"SpotInstanceType": "persistent", "InstanceInterruptionBehavior": "stop"},
}
SPOT_ONCE = {"MarketType": "spot", "SpotOptions": {"SpotInstanceType": "one-time"}}
NETWORK: dict[str, Template] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.1.0/24"},
    },
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "GroupDescription": "a workstation, which nobody calls",
            "VpcId": {"Ref": "Vpc"},
            "SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1", "Description": "out"}],
            "Tags": TAGS,
        },
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
                ],
            }
        },
    },
    "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a test wants to be different."""

    image: str = f"resolve:ssm:{PARAMETER}"
    instance_type: str = "g4dn.xlarge"
    at_shutdown: str = "stop"
    market: Template | None = None
    script: str = USER_DATA
    keeps_disk: bool = False
    device: str = "/dev/sda1"
    tags: dict[str, str] | None = None
    policy: Template | None = None
    version: Any = "1"


def template_data(wish: Wish) -> Template:
    """The launch template's data."""
    disk = {
        "VolumeSize": 120,
        "VolumeType": "gp3",
        "Encrypted": True,
        "DeleteOnTermination": not wish.keeps_disk,
    }
    data: Template = {
        "ImageId": wish.image,
        "UserData": base64.b64encode(wish.script.encode()).decode(),
        "BlockDeviceMappings": [{"DeviceName": wish.device, "Ebs": disk}],
        "MetadataOptions": {
            "HttpTokens": "required",
            "HttpPutResponseHopLimit": 2,
            "InstanceMetadataTags": "enabled",
        },
        "NetworkInterfaces": [
            {
                "DeviceIndex": 0,
                "AssociatePublicIpAddress": True,
                "SubnetId": {"Ref": "Subnet"},
                "Groups": [{"Fn::GetAtt": ["Group", "GroupId"]}],
            }
        ],
        "TagSpecifications": [{"ResourceType": kind, "Tags": TAGS} for kind in ("instance", "volume")],
    }
    return {**data, **({"InstanceMarketOptions": wish.market} if wish.market else {})}


def workstation(wish: Wish | None = None) -> dict[str, Template]:
    """The template's resources."""
    wish = wish or Wish()
    more = {"CreationPolicy": wish.policy} if wish.policy else {}
    labels = [{"Key": key, "Value": value} for key, value in (wish.tags or {"Name": "mlstack-sandbox-gpu"}).items()]
    return {
        **NETWORK,
        "Template": {
            "Type": "AWS::EC2::LaunchTemplate",
            "Properties": {"LaunchTemplateData": template_data(wish)},
        },
        "Machine": {
            "Type": "AWS::EC2::Instance",
            "Properties": {
                "LaunchTemplate": {"LaunchTemplateId": {"Ref": "Template"}, "Version": wish.version},
                "InstanceType": wish.instance_type,
                "IamInstanceProfile": {"Ref": "Profile"},
                "InstanceInitiatedShutdownBehavior": wish.at_shutdown,
                "Tags": labels,
            },
            **more,
        },
    }


OUTPUTS: Template = {
    "Machine": {"Value": {"Ref": "Machine"}},
    "Template": {"Value": {"Ref": "Template"}},
    "Latest": {"Value": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]}},
    "Default": {"Value": {"Fn::GetAtt": ["Template", "DefaultVersionNumber"]}},
    "Address": {"Value": {"Fn::GetAtt": ["Machine", "PrivateIp"]}},
}


def belts(minutes: int, stop_at: str) -> dict[str, Template]:
    """What stops a machine whose agent does not: an alarm, a daily schedule; and the settings that it reads."""
    hour, minute = stop_at.split(":")
    machine = {"Ref": "Machine"}
    return {
        "Settings": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Name": "/mlstack/sandbox/workstations/gpu",
                "Type": "String",
                "Value": f'{{"minutes": "{minutes}"}}',
                "Tags": LABELS,
            },
        },
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmName": "belt",
                "Namespace": "mlstack/Workstation",
                "MetricName": "IdleMinutes",
                "Dimensions": [{"Name": "InstanceId", "Value": machine}],
                "Statistic": "Minimum",
                "Period": 300,
                "EvaluationPeriods": 3,
                "DatapointsToAlarm": 3,
                "Threshold": minutes,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "breaching",
                "AlarmActions": [{"Fn::Sub": "arn:aws:automate:${AWS::Region}:ec2:stop"}],
                "Tags": TAGS,
            },
        },
        "Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": "belt",
                "ScheduleExpression": f"cron({int(minute)} {int(hour)} * * ? *)",
                "ScheduleExpressionTimezone": "Europe/Berlin",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {
                    "Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Input": {"Fn::Sub": '{"InstanceIds":["${Machine}"]}'},
                },
            },
        },
    }
