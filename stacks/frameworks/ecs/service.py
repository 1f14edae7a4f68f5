"""One inference service: nothing runs until something waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.components.container_build import ContainerBuild
from stacks.components.retention import Retention
from stacks.ecs_settings import Service as Settings
from stacks.frameworks.ecs.cluster import FARGATE, FARGATE_SPOT, Cluster
from stacks.frameworks.ecs.load_balancer import LoadBalancer, LoadBalancerProps
from stacks.frameworks.ecs.price import idle_price, service_hour
from stacks.frameworks.ecs.request_queue import RequestQueue, RequestQueueProps
from stacks.frameworks.ecs.service_scaling import ServiceScaling, ServiceScalingProps
from stacks.frameworks.ecs.service_task import PORT, SERVER, ServiceTask, ServiceTaskProps

Kind = ecs.CfnService
GRACE_SECONDS = 600
"""How long a task may take to be well before the load balancer's opinion counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceProps:
    """The stage's name and its own, where it runs, what it runs, and what the profile says."""

    stage: str
    name: str
    cluster: Cluster
    vpc: ec2.IVpc
    internet: bool
    inference: ContainerBuild
    worker: ContainerBuild
    bucket: s3.IBucket
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Settings


class Service(Construct):
    """Its queue and alarms, its task, and a load balancer where the profile asks for one."""

    def __init__(self, scope: Construct, construct_id: str, props: ServiceProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        settings = props.settings
        self.full_name = f"mlstack-{props.stage}-{props.name}"
        self.requests = RequestQueue(self, "Requests", RequestQueueProps(service=props.name, bucket=props.bucket))
        self.task = ServiceTask(
            self,
            "Task",
            ServiceTaskProps(
                family=self.full_name,
                inference=props.inference,
                worker=props.worker,
                bucket=props.bucket,
                requests=self.requests,
                log_retention=props.log_retention,
                settings=settings,
            ),
        )
        self.group = self._group()
        self.door = self._door()
        self.resource = self._service()
        self.scaling = ServiceScaling(
            self,
            "Scaling",
            ServiceScalingProps(
                cluster_name=props.cluster.name,
                service=self.resource,
                queue=self.requests.queue,
                requests=self.door.metric("RequestCount") if self.door else None,
                turned_away=self.door.metric("HTTPCode_ELB_503_Count") if self.door else None,
                settings=settings,
            ),
        )
        self._tell()

    def _group(self) -> ec2.SecurityGroup:
        """Nothing comes in but from a load balancer; out by HTTPS alone."""
        props = self._props
        group = ec2.SecurityGroup(
            self, "Group", allow_all_outbound=False, description=f"The tasks of {props.name}", vpc=props.vpc
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "To AWS services")
        return group

    def _door(self) -> LoadBalancer | None:
        props = self._props
        if props.settings.load_balancer is None:
            return None
        return LoadBalancer(
            self,
            "Door",
            LoadBalancerProps(
                name=self.full_name,
                vpc=props.vpc,
                tasks=self.group,
                port=PORT,
                retention=props.retention,
                settings=props.settings.load_balancer,
            ),
        )

    def _service(self) -> Kind:
        props, settings = self._props, self._props.settings
        kind = ec2.SubnetType.PUBLIC if props.internet else ec2.SubnetType.PRIVATE_ISOLATED
        service = Kind(
            self,
            "Resource",
            availability_zone_rebalancing="DISABLED",  # it starts and stops tasks for balance alone
            capacity_provider_strategy=[
                Kind.CapacityProviderStrategyItemProperty(
                    capacity_provider=FARGATE_SPOT if settings.market == "spot" else FARGATE, weight=1
                )
            ],
            cluster=props.cluster.resource.attr_arn,
            deployment_configuration=Kind.DeploymentConfigurationProperty(
                deployment_circuit_breaker=Kind.DeploymentCircuitBreakerProperty(enable=True, rollback=True),
                maximum_percent=200,
                minimum_healthy_percent=100,
            ),
            # Written again by every change of the service: what is in hand then waits for the next task, and wakes it.
            # One that never sleeps keeps the number that it has.
            desired_count=None if settings.min_tasks else 0,
            enable_ecs_managed_tags=True,
            enable_execute_command=settings.execute_command,
            # ECS wants it where the market changes; elsewhere an update begins a deployment anyway.
            force_new_deployment=Kind.ForceNewDeploymentProperty(enable_force_new_deployment=True),
            health_check_grace_period_seconds=GRACE_SECONDS if self.door else None,
            load_balancers=(
                [
                    Kind.LoadBalancerProperty(
                        container_name=SERVER, container_port=PORT, target_group_arn=self.door.targets.ref
                    )
                ]
                if self.door
                else None
            ),
            network_configuration=Kind.NetworkConfigurationProperty(
                awsvpc_configuration=Kind.AwsVpcConfigurationProperty(
                    assign_public_ip="ENABLED" if props.internet else "DISABLED",
                    security_groups=[self.group.security_group_id],
                    subnets=props.vpc.select_subnets(subnet_type=kind).subnet_ids,
                )
            ),
            platform_version="LATEST",
            propagate_tags="SERVICE",
            service_name=props.name,
            task_definition=self.task.resource.ref,
        )
        service.node.add_dependency(self.task.roles)
        if self.door:
            service.add_resource_dependency(self.door.rule)  # ECS takes a target group only where a listener has it
        return service

    def _tell(self) -> None:
        props = self._props
        ssm.CfnParameter(
            self,
            "Settings",
            description=f"What `mlstack service` reads of {props.name}",
            name=f"/mlstack/{props.stage}/ecs/services/{props.name}",
            type="String",
            value=cdk.Stack.of(self).to_json_string(self._told()),
        )
        if self.door:
            cdk.CfnOutput(self, "Url", value=self.door.url, description=f"Ask {props.name} here, by POST")

    def _told(self) -> Mapping[str, object]:
        props, settings, where = self._props, self._props.settings, self.requests
        region = cdk.Stack.of(self).region
        return {
            "stage": props.stage,
            "region": region,
            "cluster": props.cluster.name,
            "service": props.name,
            "queue_url": where.queue.queue_url,
            "dead_letter_queue_url": where.dead_letters.queue_url,
            "bucket": props.bucket.bucket_name,
            "requests": where.requests,
            "answers": where.answers,
            "failures": where.failures,
            "log_group": self.task.log_group.log_group_name,
            "stream_prefix": "ecs",
            "min_tasks": settings.min_tasks,
            "max_tasks": settings.max_tasks,
            "backlog_per_task": settings.backlog_per_task,
            "sleep_minutes": settings.sleep_minutes,
            "architecture": settings.architecture,
            "vcpu": settings.vcpu,
            "memory_gb": settings.memory_gb,
            "market": settings.market,
            "task_usd_per_hour": service_hour(settings, region, internet=props.internet),
            "idle_price": idle_price(settings, region, internet=props.internet),
            "url": self.door.url if self.door else None,
            "model": settings.model,
            "image": props.inference.uri,
        }
