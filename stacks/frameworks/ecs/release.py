"""Lets the cluster be deleted: services to zero, tasks stopped, instances gone, before CloudFormation begins."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.frameworks.ecs.cluster import Cluster

TIMEOUT = cdk.Duration.minutes(15)
# Lambda may begin late, and begins again after a minute where the function died.
SERVICE_TIMEOUT = cdk.Duration.minutes(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseProps:
    """What is emptied, of which stage."""

    stage: str
    cluster: Cluster
    services: Sequence[str]
    groups: Sequence[autoscaling.CfnAutoScalingGroup]
    log_retention: logs.RetentionDays


class Release(Construct):
    """A custom resource that depends on all that it empties, and on which depends all that could fill it again.

    Without it a destroy hangs or fails: a cluster with tasks or instances cannot be deleted, a group with instances
    takes their time, and CloudFormation forces neither (docs/decisions/0026-ecs-from-zero-and-back.md).
    """

    def __init__(self, scope: Construct, construct_id: str, props: ReleaseProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="ecs_release",
                description="Empties a cluster before it is deleted",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        _allow(function, props)
        self.resource = cdk.CustomResource(
            self,
            "Resource",
            properties={
                "Cluster": props.cluster.name,
                "Services": list(props.services),
                "AutoScalingGroups": [group.ref for group in props.groups],
                "Stage": props.stage,
            },
            resource_type="Custom::EcsRelease",
            service_timeout=SERVICE_TIMEOUT,
            service_token=function.function_arn,
        )


def group_arns(stack: cdk.Stack, groups: Sequence[autoscaling.CfnAutoScalingGroup]) -> list[str]:
    """An Auto Scaling group's ARN has a number in it that nobody is told."""
    return [
        stack.format_arn(
            service="autoscaling",
            resource="autoScalingGroup",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            resource_name=f"*:autoScalingGroupName/{group.ref}",
        )
        for group in groups
    ]


def _allow(function: lambda_.Function, props: ReleaseProps) -> None:
    stack, cluster = cdk.Stack.of(function), props.cluster.resource.attr_arn
    in_the_cluster = {"ArnEquals": {"ecs:cluster": cluster}}

    def of_the_cluster(kind: str) -> str:
        return stack.format_arn(service="ecs", resource=kind, resource_name=f"{props.cluster.name}/*")

    statements = [
        (["ecs:ListServices", "ecs:ListTasks"], ["*"], in_the_cluster),
        (["ecs:DescribeTasks", "ecs:StopTask"], [of_the_cluster("task")], in_the_cluster),
        (["ecs:DescribeServices", "ecs:UpdateService"], [of_the_cluster("service")], in_the_cluster),
        (["ecs:DeregisterContainerInstance", "ecs:ListContainerInstances"], [cluster], None),
        (["ecs:DescribeContainerInstances"], [of_the_cluster("container-instance")], in_the_cluster),
        (["ec2:DescribeInstances"], ["*"], None),
    ]
    if props.groups:
        statements += [
            (["autoscaling:DeleteAutoScalingGroup"], group_arns(stack, props.groups), None),
            (["autoscaling:DescribeAutoScalingGroups"], ["*"], None),
        ]
    for actions, resources, conditions in statements:
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, conditions=conditions, resources=resources))
    role = function.role or function
    acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "What lists and describes knows no resource.")
    acknowledge(role, "AwsSolutions-IAM5[Resource::...*...]", "Whatever there is in the stage's own cluster.")
