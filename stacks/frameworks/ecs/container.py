"""How every container of a task is defined: nothing is written but in volumes, nothing runs as root."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

USER = "10001:10001"
"""Whom the Dockerfiles of containers/ give the folders that are written to."""
# Fargate says it, an instance does not; boto3 asks for it by this name alone.
REGION = {"AWS_DEFAULT_REGION": cdk.Aws.REGION}
Definition = ecs.CfnTaskDefinition.ContainerDefinitionProperty


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """One container of a task."""

    name: str
    image: str
    log_group: logs.ILogGroup
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Where each volume is mounted, by its name."""
    read_only_volumes: bool = False
    after: Mapping[str, str] = field(default_factory=dict)
    """How far other containers must be before it starts, by their names: SUCCESS or HEALTHY."""
    essential: bool = True
    port: int | None = None
    health: ecs.CfnTaskDefinition.HealthCheckProperty | None = None
    stop_seconds: int = 30
    gpus: int = 0
    shared_memory_mib: int | None = None
    """Between its processes; Fargate has no choice of it."""
    reserved_mib: int | None = None
    writable: bool = False
    """Whether it may write anywhere: ECS Exec cannot do with less."""

    def definition(self) -> Definition:
        """As CloudFormation takes it."""
        kind = ecs.CfnTaskDefinition
        variables = {**REGION, **self.environment}
        return Definition(
            command=list(self.command) or None,
            depends_on=[
                kind.ContainerDependencyProperty(container_name=name, condition=condition)
                for name, condition in self.after.items()
            ]
            or None,
            environment=[
                kind.KeyValuePairProperty(name=name, value=value) for name, value in sorted(variables.items())
            ],
            essential=self.essential,
            health_check=self.health,
            image=self.image,
            linux_parameters=kind.LinuxParametersProperty(
                capabilities=kind.KernelCapabilitiesProperty(drop=["ALL"]),
                init_process_enabled=True,
                shared_memory_size=self.shared_memory_mib,
            ),
            log_configuration=kind.LogConfigurationProperty(
                log_driver="awslogs",
                options={
                    "awslogs-group": self.log_group.log_group_name,
                    "awslogs-region": cdk.Aws.REGION,
                    "awslogs-stream-prefix": "ecs",
                    # A container that logs faster than CloudWatch takes it shall lose lines and not stand still.
                    "mode": "non-blocking",
                    "max-buffer-size": "4m",
                },
            ),
            memory_reservation=self.reserved_mib,
            mount_points=[
                kind.MountPointProperty(container_path=path, read_only=self.read_only_volumes, source_volume=volume)
                for volume, path in self.volumes.items()
            ]
            or None,
            name=self.name,
            port_mappings=([kind.PortMappingProperty(container_port=self.port, protocol="tcp")] if self.port else None),
            readonly_root_filesystem=not self.writable,
            resource_requirements=(
                [kind.ResourceRequirementProperty(type="GPU", value=str(self.gpus))] if self.gpus else None
            ),
            stop_timeout=self.stop_seconds,
            user=USER,
        )
