"""The permission to tell the stage's event bus what the pipeline did."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

SOURCE = "mlstack.vision"


def allow_announcing(function: lambda_.Function) -> None:
    """Let a function put events of the pipeline, and no others, on the default bus."""
    bus = cdk.Stack.of(function).format_arn(service="events", resource="event-bus", resource_name="default")
    function.add_to_role_policy(
        iam.PolicyStatement(
            actions=["events:PutEvents"],
            resources=[bus],
            conditions={"StringEquals": {"events:source": SOURCE}},
        )
    )
