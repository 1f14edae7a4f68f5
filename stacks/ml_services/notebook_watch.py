"""The belt outside the notebook: a function that looks at it from time to time, and stops it."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps

EVERY = cdk.Duration.minutes(15)
HEARTBEAT_MINUTES = 5
"""How often the notebook's agent says that it lives; its timer in machines/notebook says the same."""
GRACE_MINUTES = 20
"""How long a notebook may take after its start until its agent is heard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotebookWatchProps:
    """Which notebook, and after how many hours it ends in any case."""

    notebook_name: str
    max_hours: int
    log_retention: logs.RetentionDays


class NotebookWatch(Construct):
    """Costs nothing worth naming: 96 short looks a day."""

    def __init__(self, scope: Construct, construct_id: str, props: NotebookWatchProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="notebook_watch",
                description="Stops a notebook that is not heard of, or that has run for too long",
                timeout=cdk.Duration.minutes(2),
                log_retention=props.log_retention,
                environment={
                    "GRACE_MINUTES": str(GRACE_MINUTES),
                    "HEARTBEAT_MINUTES": str(HEARTBEAT_MINUTES),
                    "MAX_HOURS": str(props.max_hours),
                    "NOTEBOOK_NAME": props.notebook_name,
                },
            ),
        ).resource
        notebook = cdk.Stack.of(self).format_arn(
            service="sagemaker", resource="notebook-instance", resource_name=props.notebook_name.lower()
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"], resources=[notebook]
            )
        )
        function.add_to_role_policy(iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]))
        acknowledge(
            function.role or function, "AwsSolutions-IAM5[Resource::*]", "Reading a metric has no resource to name."
        )
        self.rule = events.Rule(
            self,
            "Every",
            description="Looks at the notebook",
            schedule=events.Schedule.rate(EVERY),
            targets=[targets.LambdaFunction(function, max_event_age=EVERY, retry_attempts=2)],
        )
