"""How a workstation's instance is launched: the launch template, whose changes never reach an instance that exists."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from catalogue.prices import FREE_IOPS, FREE_MIBPS
from stacks.workstation_settings import Workstation

BOOTSTRAP = Path(__file__).resolve().parents[2] / "machines" / "workstation" / "bootstrap.sh"
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
LONGEST = 16_384
"""Bytes of user data."""
ROOT_DEVICE = {"ubuntu": "/dev/sda1", "ec2-user": "/dev/xvda"}
"""By the user whom the operating system has."""

Data = ec2.CfnLaunchTemplate.LaunchTemplateDataProperty


@dataclass(frozen=True, kw_only=True, slots=True)
class LaunchProps:
    """Where the instance stands, what it is tagged with, whether its disk outlives it, and the profile's settings."""

    subnet_id: str
    security_group_id: str
    tags: Mapping[str, str]
    keeps_disk: bool
    settings: Workstation


class Launch(Construct):
    """The image is a name here, which EC2 looks up when it launches an instance, and never again."""

    def __init__(self, scope: Construct, construct_id: str, props: LaunchProps) -> None:
        super().__init__(scope, construct_id)
        settings = props.settings
        kind = ec2.CfnLaunchTemplate
        self.image = settings.line.parameter if settings.image == "latest" else settings.image
        tags = [cdk.CfnTag(key=key, value=value) for key, value in sorted(props.tags.items())]
        self.resource = kind(
            self,
            "Resource",
            launch_template_data=Data(
                block_device_mappings=[self._disk(props)],
                image_id=f"resolve:ssm:{self.image}" if settings.image == "latest" else self.image,
                instance_market_options=self._market(settings),
                key_name=settings.ssh_key,
                metadata_options=kind.MetadataOptionsProperty(
                    http_endpoint="enabled",
                    http_put_response_hop_limit=2,  # for containers
                    http_tokens="required",
                    instance_metadata_tags="enabled",
                ),
                network_interfaces=[
                    kind.NetworkInterfaceProperty(
                        associate_public_ip_address=settings.internet,
                        delete_on_termination=True,
                        device_index=0,
                        groups=[props.security_group_id],
                        subnet_id=props.subnet_id,
                    )
                ],
                tag_specifications=[
                    kind.TagSpecificationProperty(resource_type=resource, tags=tags)
                    for resource in (
                        "instance",
                        "volume",
                        *(["spot-instances-request"] if settings.market == "spot" else []),
                    )
                ],
            ),
            tag_specifications=[
                kind.LaunchTemplateTagSpecificationProperty(resource_type="launch-template", tags=tags)
            ],
        )

    def boot(self, instance: ec2.CfnInstance, parameter: str) -> None:
        """Let the instance start with the project's own script, which tells CloudFormation of that instance."""
        stack = cdk.Stack.of(self)
        script = BOOTSTRAP.read_text(encoding="utf-8")
        for placeholder, value in {
            "@PARAMETER@": parameter,
            "@REGION@": stack.region,
            "@RESOURCE@": instance.logical_id,
            "@STACK@": stack.stack_name,
        }.items():
            script = script.replace(placeholder, value)
        if len(script.encode()) > LONGEST:
            message = f"{BOOTSTRAP} has {len(script.encode()):,} bytes, and EC2 takes {LONGEST:,}"
            raise ValueError(message)
        self.resource.add_property_override("LaunchTemplateData.UserData", cdk.Fn.base64(script))

    def _disk(self, props: LaunchProps) -> ec2.CfnLaunchTemplate.BlockDeviceMappingProperty:
        settings = props.settings
        return ec2.CfnLaunchTemplate.BlockDeviceMappingProperty(
            device_name=ROOT_DEVICE[settings.line.login],
            ebs=ec2.CfnLaunchTemplate.EbsProperty(
                delete_on_termination=not props.keeps_disk,
                encrypted=True,
                iops=settings.volume_iops if settings.volume_iops > FREE_IOPS else None,
                kms_key_id=settings.kms_key,
                throughput=settings.volume_mibps if settings.volume_mibps > FREE_MIBPS else None,
                volume_size=settings.volume_gb,
                volume_type="gp3",
            ),
        )

    @staticmethod
    def _market(settings: Workstation) -> ec2.CfnLaunchTemplate.InstanceMarketOptionsProperty | None:
        """Spot: a request that lasts where the instance is to be stopped and started, for EC2 stops no other."""
        if settings.market != "spot":
            return None
        return ec2.CfnLaunchTemplate.InstanceMarketOptionsProperty(
            market_type="spot",
            spot_options=ec2.CfnLaunchTemplate.SpotOptionsProperty(
                instance_interruption_behavior=settings.on_idle,
                spot_instance_type="one-time" if settings.purchase == "one-time" else "persistent",
            ),
        )
