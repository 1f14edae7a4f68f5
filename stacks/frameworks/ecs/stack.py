"""The stage's containers on ECS."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.container_build import Architecture, ContainerBuild
from stacks.components.retention import Retention, declare_transient
from stacks.components.stop_executions import StopExecutions, StopExecutionsProps
from stacks.ecs_settings import Ecs
from stacks.ecs_settings import Service as ServiceSettings
from stacks.frameworks.ecs.cluster import Cluster, ClusterProps
from stacks.frameworks.ecs.gpu_capacity import GpuCapacity, GpuCapacityProps, Market
from stacks.frameworks.ecs.host_role import HostRole, HostRoleProps
from stacks.frameworks.ecs.price import idle_price, service_hour, training_hour
from stacks.frameworks.ecs.release import Release, ReleaseProps
from stacks.frameworks.ecs.service import Service, ServiceProps
from stacks.frameworks.ecs.training import Training, TrainingProps
from stacks.frameworks.ecs.watch import Watch, WatchProps


@dataclass(frozen=True, kw_only=True, slots=True)
class EcsStackProps:
    """The stage's name, network, images, buckets and tags, and what the profile says."""

    stage: str
    vpc: ec2.IVpc
    inference: Mapping[Architecture, ContainerBuild]
    worker: Mapping[Architecture, ContainerBuild]
    training: ContainerBuild | None
    """None where nothing trains."""
    datasets: s3.IBucket | None
    models: s3.IBucket | None
    tags: Mapping[str, str]
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Ecs


class EcsStack(cdk.Stack):
    """From zero and back to zero, and deleted without a hang.

    CloudFormation deletes in the reverse of the order in which it makes: scaling, workflow and watch go first, so that
    nothing starts again; then ``Release`` empties the cluster; then services, providers, groups, and the cluster last.
    """

    def __init__(self, scope: cdk.App, construct_id: str, props: EcsStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 3: containers on ECS")
        self._props = props
        settings = props.settings
        self.cluster = Cluster(self, "Cluster", ClusterProps(name=f"mlstack-{props.stage}"))
        self.capacity = self._capacity() if settings.hosted else {}
        association = self.cluster.associate([one.provider for one in self.capacity.values()])
        self.services = self._services() if settings.services else {}
        groups = [one.group for one in self.capacity.values()]
        release = Release(
            self,
            "Release",
            ReleaseProps(
                stage=props.stage,
                cluster=self.cluster,
                services=list(settings.services),
                groups=groups,
                log_retention=props.log_retention,
            ),
        )
        release.node.add_dependency(association, *groups)
        for service in self.services.values():
            service.resource.add_resource_dependency(association)
            release.node.add_dependency(service.resource)
            service.scaling.node.add_dependency(release)
        self.training = self._training() if settings.training.enabled else None
        if self.training:
            self.training.state_machine.node.add_dependency(release)
        watch = Watch(
            self,
            "Watch",
            WatchProps(
                cluster=self.cluster,
                groups=groups,
                family=f"mlstack-{props.stage}-training" if self.training else "",
                max_hours=settings.training.max_hours,
                queues=[service.requests.queue for service in self.services.values()],
                log_retention=props.log_retention,
            ),
        )
        watch.node.add_dependency(release)
        cdk.CfnOutput(self, "ClusterName", value=self.cluster.name, description="The stage's cluster")

    def _capacity(self) -> dict[Market, GpuCapacity]:
        """Two markets, because a group buys in one alone once it has begun: Spot, and on demand where Spot has none."""
        props, settings = self._props, self._props.settings
        group = ec2.SecurityGroup(
            self,
            "Hosts",
            allow_all_outbound=False,
            description="Instances of the cluster: nothing comes in",
            vpc=props.vpc,
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "To AWS services")
        kind = ec2.SubnetType.PUBLIC if settings.internet else ec2.SubnetType.PRIVATE_ISOLATED
        role = HostRole(self, "HostRole", HostRoleProps(cluster_name=self.cluster.name))
        markets: tuple[Market, ...] = ("spot", "on-demand") if settings.training.market == "spot" else ("on-demand",)
        return {
            market: GpuCapacity(
                self,
                "".join(part.capitalize() for part in market.split("-")),
                GpuCapacityProps(
                    market=market,
                    cluster=self.cluster,
                    role=role,
                    security_group=group,
                    subnet_ids=props.vpc.select_subnets(subnet_type=kind).subnet_ids,
                    internet=settings.internet,
                    tags={**props.tags, "Name": f"mlstack-{props.stage}-ecs-{market}"},
                    drains=props.retention.keeps_data,
                    settings=settings.training,
                ),
            )
            for market in markets
        }

    def _services(self) -> dict[str, Service]:
        props = self._props
        bucket = PrivateBucket(
            self,
            "Traffic",
            PrivateBucketProps(
                retention=Retention.EPHEMERAL,
                event_bridge=True,
                expire_days={f"{name}/": one.request_days for name, one in props.settings.services.items()},
            ),
        ).resource
        declare_transient(bucket, "Requests and answers expire within days; what is to be kept is fetched.")
        return {name: self._service(name, one, bucket) for name, one in props.settings.services.items()}

    def _service(self, name: str, settings: ServiceSettings, bucket: s3.IBucket) -> Service:
        props, internet = self._props, self._props.settings.internet
        made = Service(
            self,
            name,
            ServiceProps(
                stage=props.stage,
                name=name,
                cluster=self.cluster,
                vpc=props.vpc,
                internet=internet,
                inference=props.inference[settings.architecture],
                worker=props.worker[settings.architecture],
                bucket=bucket,
                retention=props.retention,
                log_retention=props.log_retention,
                settings=settings,
            ),
        )
        made.task.resource.node.add_dependency(bucket)  # until its last task has gone, something writes there
        hour = service_hour(settings, self.region, internet=internet)
        awake = f"at most ${hour} an hour and task" if hour else f"a price not known in {self.region}"
        cdk.Annotations.of(self).add_info_v2(
            f"mlstack:price:{name}",
            f"service {name}: idle {idle_price(settings, self.region, internet=internet)}; awake {awake}; sleeps after "
            f"{settings.sleep_minutes} minutes",
        )
        return made

    def _training(self) -> Training:
        props, settings = self._props, self._props.settings.training
        image = props.training
        if props.datasets is None or props.models is None or image is None:
            message = "training needs the stage's buckets and images"
            raise ValueError(message)
        on_fargate = not self.capacity
        public = props.settings.internet and on_fargate
        group = ec2.SecurityGroup(
            self,
            "Trainings",
            allow_all_outbound=False,
            description="Tasks that train: nothing comes in",
            vpc=props.vpc,
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "To S3")
        kind = ec2.SubnetType.PUBLIC if public else ec2.SubnetType.PRIVATE_ISOLATED
        made = Training(
            self,
            "Training",
            TrainingProps(
                stage=props.stage,
                cluster=self.cluster,
                providers={market: one.name for market, one in self.capacity.items()},
                image_uri=image.uri,
                repository=image.repository,
                datasets=props.datasets,
                models=props.models,
                security_group=group,
                subnet_ids=props.vpc.select_subnets(subnet_type=kind).subnet_ids,
                public_address=public,
                log_retention=props.log_retention,
                settings=settings,
            ),
        )
        stopped = StopExecutions(
            self,
            "StopExecutions",
            StopExecutionsProps(state_machines={"Training": made.state_machine}, log_retention=props.log_retention),
        )
        stopped.node.add_dependency(made.task)
        hour = training_hour(settings, self.region)
        cost = f"at most ${hour} an hour" if hour else f"a price not known in {self.region}"
        cdk.Annotations.of(self).add_info_v2(
            "mlstack:price:training",
            f"training on ECS: idle $0.00; a run {cost}; an attempt ends after {settings.max_hours} hours in any case",
        )
        return made
