"""A service's task: the model is fetched, the server serves it, and a worker brings it what waits in the queue."""

from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from catalogue import fargate
from stacks.components.acknowledgement import acknowledge
from stacks.components.container_build import ContainerBuild
from stacks.ecs_settings import LARGEST_REQUEST_MIB, Service
from stacks.frameworks.ecs.container import Container
from stacks.frameworks.ecs.container_roles import ContainerRoles, ContainerRolesProps
from stacks.frameworks.ecs.request_queue import RequestQueue

STARTER = Path(__file__).resolve().parents[3] / "containers" / "inference" / "starter" / "model.tar.gz"
MODEL, SERVER, QUEUE = "model", "server", "queue"
"""The names of the containers."""
FOLDER = "/model"
PORT = 8080
START_SECONDS = 300
"""The longest that ECS has: a large model may take its time, and one that is well sooner is taken sooner."""
ALIVE = (
    "import os, urllib.request as u; "
    "u.urlopen('http://127.0.0.1:' + os.environ['SAGEMAKER_BIND_TO_PORT'] + '/ping', timeout=2)"
)
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-required-iam-permissions
EXEC = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceTaskProps:
    """The task's name, its images, from where requests come, and what the profile says."""

    family: str
    inference: ContainerBuild
    worker: ContainerBuild
    bucket: s3.IBucket
    requests: RequestQueue
    log_retention: logs.RetentionDays
    settings: Service


class ServiceTask(Construct):
    """The server is the one that SageMaker's endpoints run, byte for byte; it knows neither S3 nor SQS."""

    def __init__(self, scope: Construct, construct_id: str, props: ServiceTaskProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        settings = props.settings
        self.log_group = logs.LogGroup(
            self, "Logs", removal_policy=cdk.RemovalPolicy.DESTROY, retention=props.log_retention
        )
        self.roles = ContainerRoles(
            self,
            "Roles",
            ContainerRolesProps(
                name=props.family,
                repositories=[props.inference.repository, props.worker.repository],
                log_group=self.log_group,
            ),
        )
        self.model, readable = self._model(settings.model)
        self._allow(readable)
        kind = ecs.CfnTaskDefinition
        self.resource = kind(
            self,
            "Resource",
            container_definitions=[one.definition() for one in (self._fetches(), self._serves(), self._brings())],
            cpu=str(fargate.cpu_units(settings.vcpu)),
            execution_role_arn=self.roles.execution.role_arn,
            family=props.family,
            memory=str(fargate.memory_mib(settings.memory_gb)),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=kind.RuntimePlatformProperty(
                cpu_architecture=settings.architecture.upper(), operating_system_family="LINUX"
            ),
            task_role_arn=self.roles.task.role_arn,
            volumes=[kind.VolumeProperty(name="model")],
        )
        acknowledge(self.resource, "AwsSolutions-ECS2", "No variable is a secret: they say where things are.")

    def _fetches(self) -> Container:
        return Container(
            name=MODEL,
            image=self._props.worker.uri,
            log_group=self.log_group,
            command=("model",),
            environment={"MODEL_DIR": FOLDER, "MODEL_URI": self.model},
            volumes={"model": FOLDER},
            essential=False,
        )

    def _serves(self) -> Container:
        settings = self._props.settings
        return Container(
            name=SERVER,
            image=self._props.inference.uri,
            log_group=self.log_group,
            environment={
                "INFERENCE_MAX_BYTES": str(LARGEST_REQUEST_MIB * 1024**2),
                "SAGEMAKER_BIND_TO_PORT": str(PORT),
                "SM_MODEL_DIR": FOLDER,
                **settings.environment,
            },
            volumes={"model": FOLDER},
            read_only_volumes=True,
            after={MODEL: "SUCCESS"},
            port=PORT,
            health=ecs.CfnTaskDefinition.HealthCheckProperty(
                command=["CMD", "python", "-c", ALIVE], interval=10, retries=3, start_period=START_SECONDS, timeout=5
            ),
            writable=settings.execute_command,
        )

    def _brings(self) -> Container:
        props, where = self._props, self._props.requests
        return Container(
            name=QUEUE,
            image=props.worker.uri,
            log_group=self.log_group,
            command=("queue",),
            environment={
                "ANSWERS": props.bucket.s3_url_for_object(where.answers),
                "CONCURRENCY": str(props.settings.concurrency),
                "FAILURES": props.bucket.s3_url_for_object(where.failures),
                "QUEUE_URL": where.queue.queue_url,
                "REQUESTS": props.bucket.s3_url_for_object(where.requests),
                "SERVER_PORT": str(PORT),
            },
            after={SERVER: "HEALTHY"},
            stop_seconds=60,
            writable=props.settings.execute_command,
        )

    def _model(self, model: str) -> tuple[str, str]:
        """Where the model lies, and what may be read for it: this one object."""
        if model == "starter":
            asset = assets.Asset(self, "Starter", path=str(STARTER))
            return asset.s3_object_url, asset.bucket.arn_for_objects(asset.s3_object_key)
        bucket, _, key = model.removeprefix("s3://").partition("/")
        arn = cdk.Stack.of(self).format_arn(service="s3", region="", account="", resource=bucket, resource_name=key)
        return model, arn

    def _allow(self, model: str) -> None:
        props, where, roles = self._props, self._props.requests, self.roles
        bucket = props.bucket
        roles.allow([model], "s3:GetObject")
        roles.allow([bucket.arn_for_objects(f"{where.requests}*")], "s3:GetObject", "s3:GetObjectVersion")
        # Without it, S3 says of an object that is gone that it is forbidden.
        roles.allow([bucket.bucket_arn], "s3:ListBucket")
        roles.allow([bucket.arn_for_objects(f"{part}*") for part in (where.answers, where.failures)], "s3:PutObject")
        roles.allow([where.queue.queue_arn], "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage")
        acknowledge(
            roles.task,
            "AwsSolutions-IAM5[Resource::...*]",
            "Requests are named by whoever makes them; their prefixes bound what is read and written.",
        )
        if props.settings.execute_command:
            roles.task.add_to_policy(iam.PolicyStatement(actions=list(EXEC), resources=["*"]))
            acknowledge(roles.task, "AwsSolutions-IAM5[Resource::*]", "Sessions have no resource to name.")
