"""A service as a profile would get it: the stack's own queue and scaling, synthesized by themselves."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_s3 as s3

from bench.queued.service import Service
from bench.queued.template import deployed
from catalogue import fargate
from stacks.ecs_settings import Service as Settings
from stacks.frameworks.ecs.request_queue import RequestQueue, RequestQueueProps
from stacks.frameworks.ecs.service_scaling import ServiceScaling, ServiceScalingProps


def planned(settings: Settings, source: str = "settings") -> Service:
    """A service of these settings; what runs in its tasks is left out."""
    with TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder)
        stack = cdk.Stack(app, "Planned")
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "traffic")
        queue = RequestQueue(stack, "Requests", RequestQueueProps(service="planned", bucket=bucket)).queue
        task = ecs.CfnTaskDefinition(
            stack,
            "Task",
            container_definitions=[
                ecs.CfnTaskDefinition.ContainerDefinitionProperty(
                    name="queue",
                    image="worker",
                    environment=[
                        ecs.CfnTaskDefinition.KeyValuePairProperty(name="CONCURRENCY", value=str(settings.concurrency))
                    ],
                )
            ],
            cpu=str(fargate.cpu_units(settings.vcpu)),
            memory=str(fargate.memory_mib(settings.memory_gb)),
            runtime_platform=ecs.CfnTaskDefinition.RuntimePlatformProperty(
                cpu_architecture=settings.architecture.upper()
            ),
        )
        service = ecs.CfnService(stack, "Service", task_definition=task.ref)
        ServiceScaling(
            stack,
            "Scaling",
            ServiceScalingProps(cluster_name="planned", service=service, queue=queue, settings=settings),
        )
        app.synth()
        return replace(deployed(Path(folder)), source=source)
