"""What SageMaker and a model's container may do: exactly what one endpoint needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge

# https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
ATTACH = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)
NAMESPACES = ("AWS/SageMaker", "/aws/sagemaker/Endpoints", "/aws/sagemaker/InferenceComponents")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionRoleProps:
    """The one image, the one model and the log groups of an endpoint, and whether it stands in a VPC."""

    description: str
    repository_arn: str
    model_arn: str | None
    log_groups: Sequence[logs.ILogGroup]
    in_vpc: bool
    key_arn: str | None
    watched: bool
    """Whether alarms send its deployments back: SageMaker looks at them with this role."""


class ExecutionRole(Construct):
    """A role of one endpoint; no managed policy."""

    def __init__(self, scope: Construct, construct_id: str, props: ExecutionRoleProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = iam.Role(
            self,
            "Resource",
            # https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com").with_conditions(
                {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
            ),
            description=props.description,
        )
        self.allow(props.repository_arn, *PULL)
        self.allow("*", "ecr:GetAuthorizationToken")
        self.allow(
            "*", "cloudwatch:PutMetricData", conditions={"StringEquals": {"cloudwatch:namespace": list(NAMESPACES)}}
        )
        for group in props.log_groups:
            self.allow(
                group.log_group_arn,
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            )
        if props.model_arn:
            self.allow(props.model_arn, "s3:GetObject")
            acknowledge(
                self.resource,
                "AwsSolutions-IAM5[Resource::...*...]",
                "While an endpoint moves it reads two models: the new one, and the old one to go back to.",
            )
        if props.watched:
            self._allow_looking_at_alarms()
        if props.in_vpc:
            self.allow("*", *ATTACH)
        if props.key_arn:
            self.allow(props.key_arn, "kms:DescribeKey")
            self.allow(props.key_arn, "kms:CreateGrant", conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}})
        acknowledge(
            self.resource,
            "AwsSolutions-IAM5[Resource::*]",
            "A login to ECR, metrics and SageMaker's own network interfaces have no resource to name.",
        )

    def _allow_looking_at_alarms(self) -> None:
        alarms = cdk.Stack.of(self).format_arn(
            service="cloudwatch",
            resource="alarm",
            resource_name="*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.allow(alarms, "cloudwatch:DescribeAlarms")
        acknowledge(
            self.resource,
            "AwsSolutions-IAM5[Resource::...:alarm:*]",
            "CloudWatch weighs DescribeAlarms against all alarms, whatever names it is asked for.",
        )

    def allow(self, resource: str, *actions: str, conditions: dict[str, object] | None = None) -> None:
        """Allow some actions on one resource."""
        self.resource.add_to_policy(
            iam.PolicyStatement(actions=list(actions), conditions=conditions, resources=[resource])
        )

    def allow_objects(self, bucket: s3.IBucket, prefix: str, *actions: str) -> None:
        """Allow some actions on the objects under a prefix."""
        self.allow(bucket.arn_for_objects(f"{prefix}*"), *actions)
        acknowledge(
            self.resource,
            f"AwsSolutions-IAM5[Resource::...{prefix}*]",
            "Objects have many names; the prefix bounds them.",
        )
