"""Instances with a GPU that come for a task and go after it: a group of them, and the provider that asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from catalogue import ecs_hosts
from stacks.components.acknowledgement import acknowledge
from stacks.components.retention import TRANSIENT
from stacks.ecs_settings import TrainingTask
from stacks.frameworks.ecs.cluster import Cluster
from stacks.frameworks.ecs.host_role import HostRole

BOOTSTRAP = Path(__file__).resolve().parents[3] / "machines" / "container_instance" / "bootstrap.sh"
Market = Literal["spot", "on-demand"]
WARM_UP_SECONDS = 300
"""How long an instance may take until ECS counts on it, before it asks for another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GpuCapacityProps:
    """In which market the instances are bought, for whose cluster, where they stand and what they are tagged with."""

    market: Market
    cluster: Cluster
    role: HostRole
    security_group: ec2.ISecurityGroup
    subnet_ids: Sequence[str]
    internet: bool
    tags: Mapping[str, str]
    drains: bool
    """Whether an instance is emptied of its tasks before it goes; an ephemeral stage does not wait for that."""
    settings: TrainingTask


class GpuCapacity(Construct):
    """From none to ``max_instances`` and back, as ECS's managed scaling says.

    Managed termination protection is off: with it, which is the CDK's default, the group cannot be deleted while an
    instance is there, and the stack hangs (https://github.com/aws/aws-cdk/issues/18179). Nor is the group's desired
    size in the template, which every deploy would set again.
    """

    def __init__(self, scope: Construct, construct_id: str, props: GpuCapacityProps) -> None:
        super().__init__(scope, construct_id)
        self.name = f"{props.cluster.name}-{props.market}"
        """The provider's; a name must not begin with aws, ecs or fargate."""
        launch = self._launch(props)
        self.group = self._group(props, launch)
        self.provider = ecs.CfnCapacityProvider(
            self,
            "Provider",
            auto_scaling_group_provider=ecs.CfnCapacityProvider.AutoScalingGroupProviderProperty(
                auto_scaling_group_arn=self.group.ref,
                managed_draining="ENABLED" if props.drains else "DISABLED",
                managed_scaling=ecs.CfnCapacityProvider.ManagedScalingProperty(
                    instance_warmup_period=WARM_UP_SECONDS,
                    maximum_scaling_step_size=1,  # from none, ECS would otherwise ask for two
                    minimum_scaling_step_size=1,
                    status="ENABLED",
                    target_capacity=100,
                ),
                managed_termination_protection="DISABLED",
            ),
            name=self.name,
        )

    def _launch(self, props: GpuCapacityProps) -> ec2.CfnLaunchTemplate:
        kind = ec2.CfnLaunchTemplate
        tags = [cdk.CfnTag(key=key, value=value) for key, value in sorted(props.tags.items())]
        launch = kind(
            self,
            "Launch",
            launch_template_data=kind.LaunchTemplateDataProperty(
                block_device_mappings=[
                    kind.BlockDeviceMappingProperty(
                        device_name=ecs_hosts.ROOT_DEVICE,
                        ebs=kind.EbsProperty(
                            delete_on_termination=True,
                            encrypted=True,
                            volume_size=props.settings.storage_gb,
                            volume_type="gp3",
                        ),
                    )
                ],
                iam_instance_profile=kind.IamInstanceProfileProperty(arn=props.role.profile.instance_profile_arn),
                # Looked up at each launch: who comes from nothing is always of the newest image, without a deploy.
                image_id=f"resolve:ssm:{ecs_hosts.IMAGE_PARAMETER}",
                instance_initiated_shutdown_behavior="terminate",
                metadata_options=kind.MetadataOptionsProperty(
                    http_endpoint="enabled",
                    http_put_response_hop_limit=1,  # containers have their task's role and nothing to ask of the host's
                    http_tokens="required",
                ),
                monitoring=kind.MonitoringProperty(enabled=False),
                network_interfaces=[
                    kind.NetworkInterfaceProperty(
                        associate_public_ip_address=props.internet,
                        delete_on_termination=True,
                        device_index=0,
                        groups=[props.security_group.security_group_id],
                    )
                ],
                tag_specifications=[
                    kind.TagSpecificationProperty(resource_type=resource, tags=tags)
                    for resource in ("instance", "volume", "network-interface")
                ],
                user_data=cdk.Fn.base64(_user_data(props)),
            ),
            tag_specifications=[
                kind.LaunchTemplateTagSpecificationProperty(resource_type="launch-template", tags=tags)
            ],
        )
        launch.add_metadata(TRANSIENT, "Data and models lie in S3; the disk is of no use after its instance.")
        # The agent registers itself as soon as it is up, and goes before its cluster.
        launch.add_resource_dependency(props.cluster.resource)
        launch.node.add_dependency(props.role)
        return launch

    def _group(self, props: GpuCapacityProps, launch: ec2.CfnLaunchTemplate) -> autoscaling.CfnAutoScalingGroup:
        kind = autoscaling.CfnAutoScalingGroup
        spot = props.market == "spot"
        group = kind(
            self,
            "Group",
            capacity_rebalance=False,  # it would start another beside the one whose task has two minutes left
            max_size=str(props.settings.max_instances),
            min_size="0",
            mixed_instances_policy=kind.MixedInstancesPolicyProperty(
                instances_distribution=kind.InstancesDistributionProperty(
                    on_demand_allocation_strategy="lowest-price",
                    on_demand_base_capacity=0,
                    on_demand_percentage_above_base_capacity=0 if spot else 100,
                    spot_allocation_strategy="price-capacity-optimized",
                ),
                launch_template=kind.LaunchTemplateProperty(
                    launch_template_specification=kind.LaunchTemplateSpecificationProperty(
                        launch_template_id=launch.ref, version=launch.attr_latest_version_number
                    ),
                    overrides=[
                        kind.LaunchTemplateOverridesProperty(instance_type=name)
                        for name in props.settings.instance_types
                    ],
                ),
            ),
            new_instances_protected_from_scale_in=False,
            vpc_zone_identifier=list(props.subnet_ids),
        )
        # ECS writes this tag in any case; without it here, a deploy would take it away and with it the scaling.
        group.add_property_override(
            "Tags",
            [
                {"Key": "AmazonECSManaged", "PropagateAtLaunch": True, "Value": "true"},
                *({"Key": key, "PropagateAtLaunch": True, "Value": value} for key, value in sorted(props.tags.items())),
            ],
        )
        acknowledge(
            group,
            "AwsSolutions-AS3",
            "Whether an instance came or went is read from the run that wanted it; `mlstack run follow` tells.",
        )
        acknowledge(group, "AwsSolutions-EC26", "The rule cannot read a reference; the template encrypts its disk.")
        return group


def _user_data(props: GpuCapacityProps) -> str:
    """The agent's settings: the rest of the machine is AWS's image as it is."""
    return BOOTSTRAP.read_text(encoding="utf-8").replace("@CLUSTER@", props.cluster.name)
