"""Lets a Spot workstation be deleted for good: a request that lasts would launch another one at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.frameworks.workstation_tags import of_the_stage

TIMEOUT = cdk.Duration.minutes(15)
# Lambda may begin late, and begins again after a minute where the function died.
SERVICE_TIMEOUT = cdk.Duration.minutes(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpotReleaseFunctionProps:
    """Whose workstations it releases, and how long its logs stay."""

    stage: str
    log_retention: logs.RetentionDays


class SpotReleaseFunction(Construct):
    """Cancels the request of an instance that is to be deleted; one for all workstations of the stack."""

    def __init__(self, scope: Construct, construct_id: str, props: SpotReleaseFunctionProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="spot_release",
                description="Cancels the Spot request of a workstation before it is deleted",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        stack = cdk.Stack.of(self)
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"], resources=["*"])
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ec2:CancelSpotInstanceRequests", "ec2:TerminateInstances"],
                conditions=of_the_stage(props.stage),
                resources=[
                    stack.format_arn(service="ec2", resource=kind, resource_name="*")
                    for kind in ("instance", "spot-instances-request")
                ],
            )
        )
        role = function.role or function
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "Describing instances and requests knows no resource.")
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::...:.../*]",
            "EC2 names requests and what they launched, whoever ended it before; their tags bound them.",
        )
        self.resource: lambda_.Function = function

    def release(self, scope: Construct, construct_id: str, released: Mapping[str, str]) -> cdk.CustomResource:
        """Cancel the instance's request when the stack deletes the instance, and before it does so."""
        made = cdk.CustomResource(
            scope,
            construct_id,
            properties=dict(released),
            resource_type="Custom::SpotRelease",
            service_timeout=SERVICE_TIMEOUT,
            service_token=self.resource.function_arn,
        )
        made.node.add_dependency(self)
        return made
