"""What switches a workstation off from outside, whatever has become of the agent in it: an alarm, and a time of day."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from stacks.frameworks.workstation_role import HEARTBEATS
from stacks.workstation_settings import Workstation

METRIC = "IdleMinutes"
PERIOD = cdk.Duration.minutes(5)
PERIODS = 3
SLACK_MINUTES = 15
"""How long after its idle time a workstation may still run: the agent in it comes first, and warns people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OuterBeltsProps:
    """Which instance, and the profile's settings."""

    name: str
    instance_id: str
    settings: Workstation


class OuterBelts(Construct):
    """Neither needs anything of the machine: silence is as good a reason as idleness."""

    def __init__(self, scope: Construct, construct_id: str, props: OuterBeltsProps) -> None:
        super().__init__(scope, construct_id)
        self._silence(props)
        if props.settings.daily_stop != "never":
            self._daily(props)

    def _silence(self, props: OuterBeltsProps) -> None:
        """CloudWatch acts when the state changes: who starts the machine again must be heard of before it can ring."""
        metric = cloudwatch.Metric(
            namespace=HEARTBEATS,
            metric_name=METRIC,
            dimensions_map={"InstanceId": props.instance_id},
            period=PERIOD,
            statistic=cloudwatch.Stats.MINIMUM,
        )
        alarm = cloudwatch.Alarm(
            self,
            "Silence",
            alarm_description=f"The workstation {props.name} is idle for too long, or its agent is silent",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=PERIODS,
            evaluation_periods=PERIODS,
            metric=metric,
            threshold=props.settings.idle_minutes + SLACK_MINUTES,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        ends = {"stop": actions.Ec2InstanceAction.STOP, "terminate": actions.Ec2InstanceAction.TERMINATE}
        alarm.add_alarm_action(actions.Ec2Action(ends[props.settings.on_idle]))

    def _daily(self, props: OuterBeltsProps) -> None:
        stack, settings = cdk.Stack.of(self), props.settings
        action = f"{settings.on_idle}Instances"
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com").with_conditions(
                {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
            ),
            description=f"Switches the workstation {props.name} off every day",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[f"ec2:{action[0].upper()}{action[1:]}"],
                resources=[stack.format_arn(service="ec2", resource="instance", resource_name=props.instance_id)],
            )
        )
        hour, minute = (int(part) for part in settings.daily_stop.split(":"))
        schedule = scheduler.CfnSchedule(
            self,
            "Daily",
            description=f"Switches the workstation {props.name} off",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            schedule_expression=f"cron({minute} {hour} * * ? *)",
            schedule_expression_timezone=settings.time_zone,
            target=scheduler.CfnSchedule.TargetProperty(
                arn=stack.format_arn(
                    service="scheduler",
                    region="",
                    account="",
                    resource="aws-sdk",
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                    resource_name=f"ec2:{action}",
                ),
                input=stack.to_json_string({"InstanceIds": [props.instance_id]}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=10
                ),
                role_arn=role.role_arn,
            ),
        )
        schedule.node.add_dependency(role)
