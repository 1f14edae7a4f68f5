"""One workstation: its settings, its role, its launch template, its instance, and what switches it off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.retention import TRANSIENT
from stacks.frameworks.edition_guard import EditionGuard
from stacks.frameworks.launch import Launch, LaunchProps
from stacks.frameworks.outer_belts import OuterBelts, OuterBeltsProps
from stacks.frameworks.spot_release import SpotReleaseFunction
from stacks.frameworks.workstation_price import off_price, running_price
from stacks.frameworks.workstation_role import WorkstationRole, WorkstationRoleProps
from stacks.workstation_settings import Workstation as Settings

BOOT_TIMEOUT = "PT30M"
"""How long CloudFormation waits for the word that the machine has come up as it should."""
FIRST = "1"
"""The launch template's version that makes the instance: later ones are for its next edition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkstationProps:
    """Its name and the stage's, where it stands, what it may use, its tags and settings."""

    stage: str
    name: str
    subnet_id: str
    security_group: ec2.ISecurityGroup
    bundle: assets.Asset
    read: Sequence[s3.IBucket]
    write: Sequence[s3.IBucket]
    tags: Mapping[str, str]
    """The stage's: what the launch template gives to instance and disk."""
    keeps_data: bool
    guard: EditionGuard
    spot_release: SpotReleaseFunction | None
    """There where the workstation is one whose Spot request lasts."""
    settings: Settings


class Workstation(Construct):
    """Nothing but another ``edition`` makes another instance: a deploy never replaces a machine that somebody uses."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkstationProps) -> None:
        super().__init__(scope, construct_id)
        settings, self._props = props.settings, props
        full_name = f"mlstack-{props.stage}-{props.name}"
        own = {**settings.tags, "Name": full_name, "edition": str(settings.edition), "workstation": props.name}
        files = [props.bundle]
        script = assets.Asset(self, "OnCreate", path=settings.on_create) if settings.on_create else None
        if script:
            files.append(script)
        parameter_name = f"/mlstack/{props.stage}/workstations/{props.name}"
        role = WorkstationRole(
            self,
            "Role",
            WorkstationRoleProps(
                name=props.name, read=props.read, write=props.write, parameter=parameter_name, files=files
            ),
        )
        guard = props.guard.watch(self, props.name, settings)
        keeps_disk = props.keeps_data and settings.on_idle == "stop"
        launch = Launch(
            self,
            f"Launch{settings.edition}",
            LaunchProps(
                subnet_id=props.subnet_id,
                security_group_id=props.security_group.security_group_id,
                tags={**props.tags, **own},
                keeps_disk=keeps_disk,
                settings=settings,
            ),
        )
        launch.node.add_dependency(guard)
        if not keeps_disk:
            launch.resource.add_metadata(TRANSIENT, "An ephemeral stage's disk, or one that goes whenever it is idle.")
        self._parameter = ssm.CfnParameter(
            self,
            "Settings",
            description=f"What the workstation {props.name} reads at each boot and every hour",
            name=parameter_name,
            type="String",
            value=cdk.Stack.of(self).to_json_string(self._told(launch.image, script)),
        )
        self._parameter.node.add_dependency(guard)
        self.instance = self._instance(launch, role, own)
        launch.boot(self.instance, parameter_name)
        # Each edition's own: an alarm that were handed on would ring for a machine of which nothing was heard yet.
        OuterBelts(
            self,
            f"Belts{settings.edition}",
            OuterBeltsProps(name=props.name, instance_id=self.instance.ref, settings=settings),
        )
        if props.spot_release:
            self._release(props.spot_release)
        cdk.CfnOutput(self, "InstanceId", value=self.instance.ref, description=f"The workstation {props.name}")

    def _instance(self, launch: Launch, role: WorkstationRole, tags: Mapping[str, str]) -> ec2.CfnInstance:
        settings = self._props.settings
        instance = ec2.CfnInstance(
            self,
            f"Machine{settings.edition}",
            iam_instance_profile=role.profile.instance_profile_name,
            instance_initiated_shutdown_behavior=settings.on_idle,
            instance_type=settings.instance_type,
            launch_template=ec2.CfnInstance.LaunchTemplateSpecificationProperty(
                launch_template_id=launch.resource.ref, version=FIRST
            ),
        )
        instance.cfn_options.creation_policy = cdk.CfnCreationPolicy(
            resource_signal=cdk.CfnResourceSignal(count=1, timeout=BOOT_TIMEOUT)
        )
        instance.node.add_dependency(role)
        instance.node.add_dependency(self._parameter)
        for key, value in tags.items():
            cdk.Tags.of(instance).add(key, value)
        acknowledge(instance, "AwsSolutions-EC28", "Its agent says every five minutes what matters; one minute bills.")
        acknowledge(
            instance, "AwsSolutions-EC29", "A stage must be destroyable; a durable stage's disk outlives its machine."
        )
        return instance

    def _release(self, function: SpotReleaseFunction) -> None:
        """Before the instance goes, and once more after: whose boot fails goes before there is anything to release."""
        props, edition = self._props, self._props.settings.edition
        tags = {"Stage": props.stage, "Workstation": props.name, "Edition": str(edition)}
        function.release(self, f"Release{edition}", {**tags, "InstanceId": self.instance.ref})
        last = function.release(self, f"Last{edition}", tags)
        last.node.add_dependency(props.security_group)
        self.instance.node.add_dependency(last)

    def _told(self, image: str, script: assets.Asset | None) -> Mapping[str, object]:
        """What the machine reads, and `mlstack workstation` too."""
        props, settings = self._props, self._props.settings
        region = cdk.Stack.of(self).region
        return {
            "workstation": props.name,
            "stage": props.stage,
            "region": region,
            "bundle": {"bucket": props.bundle.s3_bucket_name, "key": props.bundle.s3_object_key},
            "own": {"bucket": script.s3_bucket_name, "key": script.s3_object_key} if script else None,
            "idle_minutes": settings.idle_minutes,
            "max_hours": settings.max_hours,
            "keep_awake_hours": settings.longest_awake,
            "on_idle": settings.on_idle,
            "login": settings.line.login,
            "python": settings.line.python,
            "gpu": settings.type.gpu,
            "jupyter": settings.jupyter,
            "image": image,
            "instance_type": settings.instance_type,
            "market": settings.market,
            "volume_gb": settings.volume_gb,
            "edition": settings.edition,
            "daily_stop": settings.daily_stop,
            "time_zone": settings.time_zone,
            "running_price": running_price(settings, region),
            "stopped_price": off_price(settings, region),
        }
