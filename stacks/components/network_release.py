"""Lets a stack be destroyed whose security groups lend AWS's services their network interfaces."""

from dataclasses import dataclass
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps

SHARED = "NetworkReleaseFunction"
"""The function's construct id in its stack."""
TIMEOUT = cdk.Duration.minutes(15)
# Lambda may begin late, and begins again after a minute where the function died.
SERVICE_TIMEOUT = cdk.Duration.minutes(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkReleaseProps:
    """The group to wait for."""

    security_group: ec2.ISecurityGroup
    log_retention: logs.RetentionDays


class NetworkRelease(Construct):
    """A custom resource that is deleted, once no interface is left, before its security group.

    SageMaker gives its interfaces back minutes after an endpoint or notebook is gone, and CloudFormation does not wait:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1327. What uses the group depends on
    this, and this on the role that gives the interfaces back.
    """

    def __init__(self, scope: Construct, construct_id: str, props: NetworkReleaseProps) -> None:
        super().__init__(scope, construct_id)
        cdk.CustomResource(
            self,
            "Resource",
            properties={"SecurityGroupId": props.security_group.security_group_id},
            resource_type="Custom::NetworkRelease",
            service_timeout=SERVICE_TIMEOUT,
            service_token=_function(cdk.Stack.of(self), props.log_retention).function_arn,
        )


def _function(stack: cdk.Stack, log_retention: logs.RetentionDays) -> lambda_.Function:
    """The stack's one function, whose logs stay as long as the first group wanted it."""
    made = stack.node.try_find_child(SHARED)
    if made:
        return cast("lambda_.Function", made.node.find_child("Resource"))
    function = Function(
        stack,
        SHARED,
        FunctionProps(
            package="network_release",
            description="Waits for network interfaces before their security group is deleted",
            timeout=TIMEOUT,
            log_retention=log_retention,
        ),
    ).resource
    function.add_to_role_policy(iam.PolicyStatement(actions=["ec2:DescribeNetworkInterfaces"], resources=["*"]))
    acknowledge(
        function.role or function,
        "AwsSolutions-IAM5[Resource::*]",
        "ec2:DescribeNetworkInterfaces knows no resource.",
    )
    return function
