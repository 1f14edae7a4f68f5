"""What wakes a service, lets it grow with what waits, and sends it to sleep."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.ecs_settings import Service

MINUTE = cdk.Duration.minutes(1)
COOLDOWN = cdk.Duration.minutes(1)
DOOR_COOLDOWN = cdk.Duration.minutes(5)
"""As long as a task takes until it answers: until then whoever knocks is turned away, and means the same task."""
BUSY_PERCENT = 60
"""Of its processors: tasks behind a load balancer are as many as keep each about so busy."""
STEPS = 20
"""The most that a policy has."""
ROLE_SERVICE = "ecs.application-autoscaling.amazonaws.com"
ROLE = "AWSServiceRoleForApplicationAutoScaling_ECSService"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """How many tasks there are for a depth of the queue, which is counted from the first message that waits."""

    tasks: int
    above: int
    below: int | None
    """None for the last: whatever waits more."""


def steps(max_tasks: int, backlog_per_task: int) -> list[Step]:
    """One task for whatever waits, and one more for each further ``backlog_per_task``; in larger steps for many."""
    count = min(max_tasks, STEPS)
    sizes = [-(-max_tasks * number // count) for number in range(1, count + 1)]
    starts = [0, *(size * backlog_per_task for size in sizes[:-1])]
    return [
        Step(tasks=size, above=start, below=end)
        for size, start, end in zip(sizes, starts, [*starts[1:], None], strict=True)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceScalingProps:
    """Which service, and what is counted of those who want something of it."""

    cluster_name: str
    service: ecs.CfnService
    queue: sqs.IQueue
    requests: cloudwatch.Metric | None = None
    """What comes by a load balancer, if there is one."""
    turned_away: cloudwatch.Metric | None = None
    """What the load balancer had nobody for."""
    settings: Service


class ServiceScaling(Construct):
    """Step scaling to exact numbers: target tracking would divide by the tasks that there are, and there is none.

    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
    """

    def __init__(self, scope: Construct, construct_id: str, props: ServiceScalingProps) -> None:
        super().__init__(scope, construct_id)
        settings = props.settings
        role = cdk.Stack.of(self).format_arn(
            service="iam", region="", resource="role", resource_name=f"aws-service-role/{ROLE_SERVICE}/{ROLE}"
        )
        self._target = scaling.ScalableTarget(
            self,
            "Tasks",
            max_capacity=settings.max_tasks,
            min_capacity=settings.min_tasks,
            resource_id=f"service/{props.cluster_name}/{props.service.attr_name}",
            role=iam.Role.from_role_arn(self, "Role", role, mutable=False),
            scalable_dimension="ecs:service:DesiredCount",
            service_namespace=scaling.ServiceNamespace.ECS,
        )
        waiting = _of_queue(props.queue, "ApproximateNumberOfMessagesVisible")
        self._wake(props, waiting)
        self._sleep(props, waiting)
        if props.turned_away:
            self._answer_the_door(props.turned_away)

    def _wake(self, props: ServiceScalingProps, waiting: cloudwatch.Metric) -> None:
        """By the depth of the queue."""
        settings = props.settings
        step = self._step("Depth")
        for one in steps(settings.max_tasks, settings.backlog_per_task):
            step.add_adjustment(adjustment=one.tasks, lower_bound=one.above, upper_bound=one.below)
        self._alarm("Wake", waiting, "Requests wait: as many tasks as they need", step)

    def _sleep(self, props: ServiceScalingProps, waiting: cloudwatch.Metric) -> None:
        """What a task has in hand counts as well: the last message in work waits no more.

        So does what was sent in a minute: a task that answers at once leaves nothing for the other two to count.
        """
        counted = {
            "visible": waiting,
            "in_hand": _of_queue(props.queue, "ApproximateNumberOfMessagesNotVisible"),
            "sent": _of_queue(props.queue, "NumberOfMessagesSent", cloudwatch.Stats.SUM),
        }
        # Who is turned away is no request of the load balancer's, and shall not find that what woke sleeps again.
        door = {"asked": props.requests, "turned_away": props.turned_away}
        counted |= {name: metric for name, metric in door.items() if metric}
        step = self._step("Nothing")
        step.add_adjustment(adjustment=props.settings.min_tasks, upper_bound=0)
        alarm = cloudwatch.Alarm(
            self,
            "Sleep",
            alarm_description="Nothing waits and nothing is in hand: no more tasks than the least",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
            datapoints_to_alarm=props.settings.sleep_minutes,
            evaluation_periods=props.settings.sleep_minutes,
            # A queue of which nothing is heard is empty: SQS says nothing of one that nobody has touched for hours.
            metric=cloudwatch.MathExpression(
                expression=" + ".join(f"FILL({name}, 0)" for name in counted), period=MINUTE, using_metrics=counted
            ),
            threshold=0,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.ApplicationScalingAction(step))

    def _answer_the_door(self, turned_away: cloudwatch.Metric) -> None:
        """Who asks by the load balancer while nobody is there is told to come again (503), and wakes one task."""
        step = self._step("Door", scaling.AdjustmentType.CHANGE_IN_CAPACITY, cooldown=DOOR_COOLDOWN)
        step.add_adjustment(adjustment=1, lower_bound=0)
        self._alarm("Knock", turned_away, "Somebody was turned away: start a task", step)
        # What comes by the door waits in no queue; a task that sleeps has no load, and is woken by the knock alone.
        self._target.scale_to_track_metric(
            "Load",
            predefined_metric=scaling.PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION,
            scale_in_cooldown=DOOR_COOLDOWN,
            scale_out_cooldown=COOLDOWN,
            target_value=BUSY_PERCENT,
        )

    def _step(
        self,
        name: str,
        kind: scaling.AdjustmentType = scaling.AdjustmentType.EXACT_CAPACITY,
        cooldown: cdk.Duration = COOLDOWN,
    ) -> scaling.StepScalingAction:
        return scaling.StepScalingAction(
            self,
            name,
            adjustment_type=kind,
            cooldown=cooldown,
            metric_aggregation_type=scaling.MetricAggregationType.MAXIMUM,
            scaling_target=self._target,
        )

    def _alarm(self, name: str, metric: cloudwatch.Metric, description: str, step: scaling.StepScalingAction) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            datapoints_to_alarm=1,
            evaluation_periods=1,
            metric=metric,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.ApplicationScalingAction(step))


def _of_queue(queue: sqs.IQueue, name: str, statistic: str = cloudwatch.Stats.MAXIMUM) -> cloudwatch.Metric:
    """A number of the queue's in a minute."""
    return cloudwatch.Metric(
        dimensions_map={"QueueName": queue.queue_name},
        metric_name=name,
        namespace="AWS/SQS",
        period=MINUTE,
        statistic=statistic,
    )
