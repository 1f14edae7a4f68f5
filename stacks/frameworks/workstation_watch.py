"""The belt that looks at all the workstations of a stage from time to time, whoever launched them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.frameworks.workstation_tags import of_the_stage

EVERY = cdk.Duration.minutes(15)
HEARTBEAT_MINUTES = 5
"""How often a workstation's agent says that it lives."""
GRACE_MINUTES = 30
"""How long a workstation may take after its start until its agent is heard."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkstationWatchProps:
    """Whose they are, and after how many hours each ends in any case, by name."""

    stage: str
    max_hours: Mapping[str, int]
    log_retention: logs.RetentionDays


class WorkstationWatch(Construct):
    """Costs nothing worth naming: 96 short looks a day."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkstationWatchProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="workstation_watch",
                description="Switches off workstations that are not heard of, or that have run for too long",
                timeout=cdk.Duration.minutes(5),
                log_retention=props.log_retention,
                environment={
                    "GRACE_MINUTES": str(GRACE_MINUTES),
                    "HEARTBEAT_MINUTES": str(HEARTBEAT_MINUTES),
                    "MAX_HOURS": json.dumps(dict(props.max_hours), sort_keys=True),
                    "STAGE": props.stage,
                },
            ),
        ).resource
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:GetMetricData", "ec2:DescribeInstances", "ec2:DescribeSpotInstanceRequests"],
                resources=["*"],
            )
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["ec2:StopInstances", "ec2:TerminateInstances"],
                conditions=of_the_stage(props.stage),
                resources=[cdk.Stack.of(self).format_arn(service="ec2", resource="instance", resource_name="*")],
            )
        )
        role = function.role or function
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "Reading metrics and instances has no resource to name.")
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::...:instance/*]",
            "It ends workstations that a Spot request or a person launched as well; their tags bound them.",
        )
        self.rule = events.Rule(
            self,
            "Every",
            description="Looks at the workstations",
            schedule=events.Schedule.rate(EVERY),
            targets=[targets.LambdaFunction(function, max_event_age=EVERY, retry_attempts=2)],
        )
