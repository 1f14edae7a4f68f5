"""How endpoints scale: the target, who scales it, and what starts the first one again."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.ml_services.endpoint_props import VARIANT

ALARMS_OF_A_TARGET = 2
"""What a target tracking policy makes for itself: one alarm to grow, one to shrink."""
SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
ROLE = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


def scaling_role(scope: Construct) -> iam.IRole:
    """The role that Application Auto Scaling makes for itself; the CDK would make one that AWS never uses."""
    arn = cdk.Stack.of(scope).format_arn(
        service="iam", region="", resource="role", resource_name=f"aws-service-role/{SERVICE}/{ROLE}"
    )
    return iam.Role.from_role_arn(scope, "ScalingRole", arn, mutable=False)


def instances(scope: Construct, endpoint: sagemaker.CfnEndpoint, *, fewest: int, most: int) -> scaling.ScalableTarget:
    """An endpoint's instances, to be scaled."""
    return scaling.ScalableTarget(
        scope,
        "Instances",
        max_capacity=most,
        min_capacity=fewest,
        resource_id=f"endpoint/{endpoint.attr_endpoint_name}/variant/{VARIANT}",
        role=scaling_role(scope),
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        service_namespace=scaling.ServiceNamespace.SAGEMAKER,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class WakeUpProps:
    """What wakes a target at zero, and how soon."""

    target: scaling.ScalableTarget
    metric: cloudwatch.Metric
    minutes: int
    """In how many minutes running the metric must be at least 1."""
    aggregation: scaling.MetricAggregationType
    cooldown: cdk.Duration
    description: str


class WakeUp(Construct):
    """An alarm and a policy that adds one. Target tracking alone divides by what is there, and there is nothing."""

    def __init__(self, scope: Construct, construct_id: str, props: WakeUpProps) -> None:
        super().__init__(scope, construct_id)
        step = scaling.StepScalingAction(
            self,
            "Step",
            adjustment_type=scaling.AdjustmentType.CHANGE_IN_CAPACITY,
            cooldown=props.cooldown,
            metric_aggregation_type=props.aggregation,
            scaling_target=props.target,
        )
        step.add_adjustment(adjustment=1, lower_bound=0)
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_description=props.description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            datapoints_to_alarm=props.minutes,
            evaluation_periods=props.minutes,
            metric=props.metric,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        alarm.add_alarm_action(actions.ApplicationScalingAction(step))
