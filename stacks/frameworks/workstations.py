"""The stage's workstations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from stacks.components.retention import Retention
from stacks.frameworks.edition_guard import EditionGuard, EditionGuardProps
from stacks.frameworks.machine_bundle import MachineBundle
from stacks.frameworks.spot_release import SpotReleaseFunction, SpotReleaseFunctionProps
from stacks.frameworks.workstation import Workstation, WorkstationProps
from stacks.frameworks.workstation_price import off_price, running_price
from stacks.frameworks.workstation_watch import WorkstationWatch, WorkstationWatchProps
from stacks.workstation_settings import Workstation as Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkstationsStackProps:
    """The stage's name, network, buckets and tags, and the settings of each workstation by name."""

    stage: str
    vpc: ec2.IVpc
    read: Sequence[s3.IBucket]
    write: Sequence[s3.IBucket]
    tags: Mapping[str, str]
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Mapping[str, Settings]


class WorkstationsStack(cdk.Stack):
    """Machines with a GPU that switch themselves off, and three belts outside for when they do not."""

    def __init__(
        self, scope: cdk.App, construct_id: str, props: WorkstationsStackProps, *, env: cdk.Environment
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 3: GPU workstations")
        self._props = props
        self._group = ec2.SecurityGroup(
            self, "Network", allow_all_outbound=True, description="Workstations: nothing comes in", vpc=props.vpc
        )
        self._bundle = MachineBundle(self, "Bundle")
        self._guard = EditionGuard(
            self, "Guard", EditionGuardProps(stage=props.stage, log_retention=props.log_retention)
        )
        release = self._release()
        self.workstations = {
            name: self._workstation(name, settings, release) for name, settings in props.settings.items()
        }
        WorkstationWatch(
            self,
            "Watch",
            WorkstationWatchProps(
                stage=props.stage,
                max_hours={name: settings.max_hours for name, settings in props.settings.items()},
                log_retention=props.log_retention,
            ),
        )

    def _release(self) -> SpotReleaseFunction | None:
        """Where some workstation has a Spot request that lasts."""
        if not any(settings.purchase == "spot" for settings in self._props.settings.values()):
            return None
        return SpotReleaseFunction(
            self,
            "SpotRelease",
            SpotReleaseFunctionProps(stage=self._props.stage, log_retention=self._props.log_retention),
        )

    def _workstation(self, name: str, settings: Settings, release: SpotReleaseFunction | None) -> Workstation:
        props = self._props
        kind = ec2.SubnetType.PUBLIC if settings.internet else ec2.SubnetType.PRIVATE_ISOLATED
        subnets = props.vpc.select_subnets(subnet_type=kind).subnet_ids
        made = Workstation(
            self,
            name,
            WorkstationProps(
                stage=props.stage,
                name=name,
                subnet_id=subnets[settings.zone - 1],
                security_group=self._group,
                bundle=self._bundle,
                read=props.read,
                write=props.write,
                tags=props.tags,
                keeps_data=props.retention.keeps_data,
                guard=self._guard,
                spot_release=release if settings.purchase == "spot" else None,
                settings=settings,
            ),
        )
        running = running_price(settings, self.region)
        cdk.Annotations.of(self).add_info_v2(
            f"mlstack:price:{name}",
            f"workstation {name} ({settings.instance_type}): {running} while it runs; goes off after "
            f"{settings.idle_minutes} minutes without use and after {settings.max_hours} hours in any case; off: "
            f"{off_price(settings, self.region)}",
        )
        return made
