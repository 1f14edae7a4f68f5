"""The belt that looks at the cluster from time to time: what runs too long, what waits for nothing, what idles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.frameworks.ecs.cluster import Cluster
from stacks.frameworks.ecs.release import group_arns

EVERY = cdk.Duration.minutes(5)
OF_A_GROUP = "aws:ResourceTag/aws:autoscaling:groupName"
SILENT_SINCE = "mlstack:agent-silent-since"
"""The tag by which the watch remembers on an instance when its agent fell silent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchProps:
    """Which cluster, which groups of instances, which tasks may run how long, and which queues are kept awake."""

    cluster: Cluster
    groups: Sequence[autoscaling.CfnAutoScalingGroup]
    family: str
    """The training task's; empty where nothing trains."""
    max_hours: int
    queues: Sequence[sqs.IQueue]
    log_retention: logs.RetentionDays


class Watch(Construct):
    """Costs a cent a month: 288 short looks a day."""

    def __init__(self, scope: Construct, construct_id: str, props: WatchProps) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="ecs_watch",
                description="Ends tasks that run too long and instances that do nothing",
                timeout=cdk.Duration.minutes(2),
                log_retention=props.log_retention,
                environment={
                    "CLUSTER": props.cluster.name,
                    "FAMILY": props.family,
                    "GROUPS": stack.to_json_string([group.ref for group in props.groups]),
                    "MAX_HOURS": str(props.max_hours),
                    "QUEUES": stack.to_json_string([queue.queue_url for queue in props.queues]),
                },
            ),
        ).resource
        _allow(function, props)
        self.rule = events.Rule(
            self,
            "Every",
            description="Looks at the cluster",
            schedule=events.Schedule.rate(EVERY),
            targets=[targets.LambdaFunction(function, max_event_age=EVERY, retry_attempts=1)],
        )


def _allow(function: lambda_.Function, props: WatchProps) -> None:
    stack, cluster = cdk.Stack.of(function), props.cluster.resource.attr_arn
    in_the_cluster = {"ArnEquals": {"ecs:cluster": cluster}}
    tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{props.cluster.name}/*")
    statements: list[tuple[list[str], list[str], Mapping[str, object] | None]] = [
        (["ecs:ListTasks"], ["*"], in_the_cluster),
        (["ecs:DescribeTasks", "ecs:StopTask"], [tasks], in_the_cluster),
    ]
    if props.queues:
        statements.append((["sqs:GetQueueAttributes"], [queue.queue_arn for queue in props.queues], None))
    if props.groups:
        hosts = stack.format_arn(service="ecs", resource="container-instance", resource_name=f"{props.cluster.name}/*")
        providers = stack.format_arn(
            service="ecs", resource="capacity-provider", resource_name=f"{props.cluster.name}-*"
        )
        statements += [
            (["ecs:ListContainerInstances"], [cluster], None),
            (["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"], [hosts], in_the_cluster),
            (["ecs:DescribeCapacityProviders"], [providers], None),
            (["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"], ["*"], None),
            (
                ["ec2:CreateTags", "ec2:DeleteTags"],
                [stack.format_arn(service="ec2", resource="instance", resource_name="*")],
                {
                    "StringEquals": {
                        "aws:ResourceTag/aws:autoscaling:groupName": [group.ref for group in props.groups]
                    },
                    "ForAllValues:StringEquals": {"aws:TagKeys": [SILENT_SINCE]},
                },
            ),
            (
                ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
                group_arns(stack, props.groups),
                None,
            ),
        ]
    for actions, resources, conditions in statements:
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, conditions=conditions, resources=resources))
    role = function.role or function
    acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "What lists and describes knows no resource.")
    acknowledge(role, "AwsSolutions-IAM5[Resource::...*...]", "Whatever there is in the stage's own cluster.")
