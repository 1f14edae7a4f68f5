"""The task that trains: the stage's own training image, on an instance with a GPU or on Fargate."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalogue import fargate
from stacks.components.acknowledgement import acknowledge
from stacks.components.data_access import READ, WRITE
from stacks.ecs_settings import TrainingTask as Settings
from stacks.frameworks.ecs.container import Container
from stacks.frameworks.ecs.container_roles import ContainerRoles, ContainerRolesProps

CONTAINER = "training"
FOLDER = "/task"
"""The Dockerfile of containers/training makes it the user's, and declares it a volume."""
RUNS, CHECKPOINTS = "ecs/runs/", "checkpoints/ecs/"
"""Where in the bucket of models runs write; a stage's scratch prefixes, if not its profile's own, hold the second."""
SHARED_MEMORY_MIB = 1024
"""For each GPU: its processes talk by it."""
STOP_SECONDS = 120
"""The longest that ECS has, and as long as a Spot instance has: a checkpoint is written in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingTaskProps:
    """The task's name, its image, the buckets that it reads and writes, and what the profile says."""

    family: str
    image_uri: str
    repository: ecr.IRepository
    datasets: s3.IBucket
    models: s3.IBucket
    log_retention: logs.RetentionDays
    settings: Settings


class TrainingTask(Construct):
    """One container, which ends by itself when its hours are over, whoever started it."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingTaskProps) -> None:
        super().__init__(scope, construct_id)
        settings = props.settings
        on_fargate = settings.accelerator == "cpu"
        self.log_group = logs.LogGroup(
            self, "Logs", removal_policy=cdk.RemovalPolicy.DESTROY, retention=props.log_retention
        )
        self.roles = ContainerRoles(
            self,
            "Roles",
            ContainerRolesProps(name=props.family, repositories=[props.repository], log_group=self.log_group),
        )
        self._allow_data(props)
        container = Container(
            name=CONTAINER,
            image=props.image_uri,
            log_group=self.log_group,
            command=("task",),
            environment={
                "HOME": FOLDER,
                "SAGEMAKER_BASE_DIR": FOLDER,
                "TASK_ACCELERATOR": settings.accelerator,
                "TASK_MAX_SECONDS": str(settings.max_hours * 3600),
                "TMPDIR": f"{FOLDER}/scratch",
            },
            volumes={"task": FOLDER},
            stop_seconds=STOP_SECONDS,
            gpus=0 if on_fargate else settings.gpus,
            shared_memory_mib=None if on_fargate else SHARED_MEMORY_MIB * settings.gpus,
            # What it may count on; it may have all that the instance has.
            reserved_mib=None if on_fargate else fargate.memory_mib(settings.memory_gb),
        )
        kind = ecs.CfnTaskDefinition
        self.resource = kind(
            self,
            "Resource",
            container_definitions=[container.definition()],
            cpu=str(fargate.cpu_units(settings.vcpu)) if on_fargate else None,
            ephemeral_storage=kind.EphemeralStorageProperty(size_in_gib=settings.storage_gb) if on_fargate else None,
            execution_role_arn=self.roles.execution.role_arn,
            family=props.family,
            memory=str(fargate.memory_mib(settings.memory_gb)) if on_fargate else None,
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE" if on_fargate else "EC2"],
            runtime_platform=(
                kind.RuntimePlatformProperty(cpu_architecture="X86_64", operating_system_family="LINUX")
                if on_fargate
                else None
            ),
            task_role_arn=self.roles.task.role_arn,
            volumes=[kind.VolumeProperty(name="task")],
        )
        acknowledge(
            self.resource,
            "AwsSolutions-ECS2",
            "No variable is a secret: they say where the task's folder is, and how long.",
        )

    def _allow_data(self, props: TrainingTaskProps) -> None:
        roles = self.roles
        for bucket in (props.datasets, props.models):
            roles.allow([bucket.bucket_arn], "s3:GetBucketLocation", "s3:ListBucket")
        roles.allow([props.datasets.arn_for_objects("*"), props.models.arn_for_objects("*")], *READ)
        roles.allow([props.models.arn_for_objects(f"{prefix}*") for prefix in (RUNS, CHECKPOINTS)], *WRITE)
        acknowledge(
            roles.task,
            "AwsSolutions-IAM5[Resource::...*]",
            "A run names its data when it starts; buckets and the prefix of runs bound it.",
        )
