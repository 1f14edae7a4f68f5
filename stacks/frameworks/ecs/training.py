"""Training on ECS: its task, the workflow that runs it, and what people and commands must know of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.state_machine_logs import state_machine_logs
from stacks.ecs_settings import TrainingTask as Settings
from stacks.frameworks.ecs.cluster import FARGATE, FARGATE_SPOT, Cluster
from stacks.frameworks.ecs.price import training_hour
from stacks.frameworks.ecs.training_task import CHECKPOINTS, CONTAINER, RUNS, TrainingTask, TrainingTaskProps
from stacks.frameworks.ecs.training_workflow import Market, Parts, definition

RULE = "StepFunctionsGetEventsForECSTaskRule"
"""By which Step Functions hears that a task has ended: one for the account, made by whoever is first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingProps:
    """The stage's name, where tasks run, with what, and where they write."""

    stage: str
    cluster: Cluster
    providers: Mapping[str, str]
    """The capacity provider of each market where instances are needed; Fargate's where not."""
    image_uri: str
    repository: ecr.IRepository
    datasets: s3.IBucket
    models: s3.IBucket
    security_group: ec2.ISecurityGroup
    subnet_ids: Sequence[str]
    public_address: bool
    """Instances have the address, never the tasks on them: ECS gives those none."""
    log_retention: logs.RetentionDays
    settings: Settings


class Training(Construct):
    """Costs nothing while nothing trains."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        settings = props.settings
        self.task = TrainingTask(
            self,
            "Task",
            TrainingTaskProps(
                family=f"mlstack-{props.stage}-training",
                image_uri=props.image_uri,
                repository=props.repository,
                datasets=props.datasets,
                models=props.models,
                log_retention=props.log_retention,
                settings=settings,
            ),
        )
        self.state_machine = self._workflow()
        self.parameter = ssm.CfnParameter(
            self,
            "Settings",
            description="What `mlstack run training` reads",
            name=f"/mlstack/{props.stage}/ecs/training",
            type="String",
            value=cdk.Stack.of(self).to_json_string(self._told()),
        )

    def _markets(self) -> list[Market]:
        props, settings = self._props, self._props.settings
        on_demand = Market(
            name="on-demand", provider=props.providers.get("on-demand", FARGATE), attempts=settings.spot_attempts + 1
        )
        if settings.market == "on-demand":
            return [on_demand]
        return [
            Market(name="spot", provider=props.providers.get("spot", FARGATE_SPOT), attempts=settings.spot_attempts),
            on_demand,
        ]

    def _workflow(self) -> sfn.StateMachine:
        props, stack = self._props, cdk.Stack.of(self)
        # Without its revision: a deploy changes what the next attempt runs, and the workflow stays as it is.
        family = stack.format_arn(
            service="ecs", resource="task-definition", resource_name=f"mlstack-{props.stage}-training"
        )
        role = self._role(family)
        said = definition(
            Parts(
                partition=cdk.Aws.PARTITION,
                cluster=props.cluster.resource.attr_arn,
                task_definition=f"mlstack-{props.stage}-training",
                container=CONTAINER,
                markets=self._markets(),
                subnets=props.subnet_ids,
                security_group=props.security_group.security_group_id,
                public_address=props.public_address and not props.providers,
                output=props.models.s3_url_for_object(RUNS),
                checkpoints=props.models.s3_url_for_object(CHECKPOINTS),
                max_seconds=props.settings.max_hours * 3600,
            )
        )
        machine = sfn.StateMachine(
            self,
            "Workflow",
            definition_body=sfn.DefinitionBody.from_string(json.dumps(said)),
            logs=sfn.LogOptions(
                destination=state_machine_logs(self, props.log_retention),
                include_execution_data=False,
                level=sfn.LogLevel.ERROR,
            ),
            role=role,
            state_machine_name=f"mlstack-{props.stage}-ecs-training",
        )
        machine.node.add_dependency(self.task)
        for finding, reason in {
            "SF1": "Errors are logged, and every run's history is kept for 90 days by Step Functions itself.",
            "SF2": "A run waits for one task that takes hours; a trace of that tells nothing.",
        }.items():
            acknowledge(machine, f"AwsSolutions-{finding}", reason)
        return machine

    def _role(self, family: str) -> iam.Role:
        """https://docs.aws.amazon.com/step-functions/latest/dg/ecs-iam.html, narrowed to the cluster and the family."""
        props, stack = self._props, cdk.Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com").with_conditions(
                {"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            description="Runs the stage's training task",
        )
        on_the_cluster = {"ArnEquals": {"ecs:cluster": props.cluster.resource.attr_arn}}
        tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{props.cluster.name}/*")
        for actions, resources, conditions in (
            (["ecs:RunTask"], [family, f"{family}:*"], on_the_cluster),
            (["ecs:DescribeTasks", "ecs:StopTask"], [tasks], on_the_cluster),
            (["ecs:TagResource"], [tasks], {"StringEquals": {"ecs:CreateAction": "RunTask"}}),
            (
                ["iam:PassRole"],
                [self.task.roles.execution.role_arn, self.task.roles.task.role_arn],
                {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            ),
            (
                ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                [stack.format_arn(service="events", resource="rule", resource_name=RULE)],
                None,
            ),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, conditions=conditions, resources=resources))
        for finding, reason in {
            "Resource::*": "The delivery of a state machine's log knows no resource.",
            f"Resource::...:task-definition/mlstack-{props.stage}-training:*": "Every deploy makes a revision.",
            f"Resource::...:task/{props.cluster.name}/*": "A task gets its number when it starts.",
        }.items():
            acknowledge(role, f"AwsSolutions-IAM5[{finding}]", reason)
        return role

    def _told(self) -> dict[str, object]:
        props, settings = self._props, self._props.settings
        region = cdk.Stack.of(self).region
        return {
            "stage": props.stage,
            "region": region,
            "cluster": props.cluster.name,
            "state_machine": self.state_machine.state_machine_arn,
            "task_definition": f"mlstack-{props.stage}-training",
            "container": CONTAINER,
            "log_group": self.task.log_group.log_group_name,
            "stream_prefix": "ecs",
            "datasets": props.datasets.bucket_name,
            "models": props.models.bucket_name,
            "accelerator": settings.accelerator,
            "instance_types": list(settings.instance_types) if settings.accelerator == "gpu" else [],
            "vcpu": settings.vcpu,
            "memory_gb": settings.memory_gb,
            "market": settings.market,
            "max_hours": settings.max_hours,
            "spot_attempts": settings.spot_attempts,
            "usd_per_hour": {"spot": None, "on-demand": training_hour(settings, region)},
            "image": props.image_uri,
        }
