"""Tells when the pipeline stands still or gives something up, and shows on one page what it does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.ai_services.dashboard import Dashboard, DashboardProps

PERIOD = cdk.Duration.minutes(5)
LATE_PERIODS = 2
"""How many of the newest may say nothing: what is not reported is filled in, and numbers come some minutes late."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedQueue:
    """A queue with its dead letters, and how long nothing may come of its messages."""

    name: str
    """In PascalCase and unique: it names the alarms' constructs and the dashboard's lines."""
    queue: sqs.IQueue
    dead_letters: sqs.IQueue | None
    """None where another watched queue has the same ones."""
    patience: cdk.Duration
    """Less than a day: CloudWatch looks no further back in steps of five minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedReview:
    """The state machine of the reviews, and where events wait that could not start it."""

    state_machine: sfn.IStateMachine
    dead_letters: sqs.IQueue


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringProps:
    """What is watched, and who is told."""

    queues: Sequence[WatchedQueue]
    review: WatchedReview | None = None
    functions: Mapping[str, lambda_.IFunction]
    """By the names that the dashboard shows; so are the next two."""
    tables: Mapping[str, dynamodb.ITableV2] = field(default_factory=dict)
    state_machines: Mapping[str, sfn.IStateMachine] = field(default_factory=dict)
    operations: Sequence[str] = ()
    """The Rekognition operations that the stage calls."""
    alarms: bool
    alarm_email: str | None = None
    dashboard: bool


class Monitoring(Construct):
    """Alarms with a topic, and a dashboard; each only where it is wanted, because each bills by the month."""

    def __init__(self, scope: Construct, construct_id: str, props: MonitoringProps) -> None:
        super().__init__(scope, construct_id)
        if props.alarms:
            topic = self._topic(props.alarm_email)
            for alarm in (*self._queue_alarms(props.queues), *self._review_alarms(props.review)):
                alarm.add_alarm_action(actions.SnsAction(topic))
        if props.dashboard:
            Dashboard(
                self,
                "Dashboard",
                DashboardProps(
                    queues={watched.name: watched.queue for watched in props.queues},
                    dead_letters=_dead_letters(props),
                    functions=props.functions,
                    tables=props.tables,
                    state_machines=props.state_machines,
                    operations=props.operations,
                ),
            )

    def _topic(self, email: str | None) -> sns.Topic:
        """Make the alarms' topic; without an address whoever wants to hear them subscribes."""
        topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        # Any policy of a topic's own, such as the one that wants TLS, replaces the default that lets alarms publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
            )
        )
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _queue_alarms(self, queues: Sequence[WatchedQueue]) -> Iterator[cloudwatch.Alarm]:
        for watched in queues:
            yield self._alarm(
                f"{watched.name}StandStill",
                _stands_still(watched.queue),
                f"{watched.name}: messages wait and none was finished for {watched.patience.to_human_string()}; "
                "look at the function's log, at its event source mapping and at Rekognition's throttles",
                breaching=int(watched.patience.to_minutes() // PERIOD.to_minutes()),
                late=LATE_PERIODS,
            )
            if watched.dead_letters:
                yield self._alarm(
                    f"{watched.name}DeadLetters",
                    _waiting(watched.dead_letters),
                    f"{watched.name}: something was given up; `mlstack vision redrive` shows it with the reasons",
                )

    def _review_alarms(self, review: WatchedReview | None) -> Iterator[cloudwatch.Alarm]:
        if review:
            yield self._alarm(
                "ReviewFailures",
                _failures(review.state_machine),
                "Review: flagged content was not dealt with; `mlstack vision review list --status failed` says why",
                late=LATE_PERIODS,
            )
            yield self._alarm(
                "ReviewDeadLetters",
                _waiting(review.dead_letters),
                "Review: flagged content was not dealt with, because its review could not be started; its event lies "
                "in the queue ReviewDeadLetterQueueUrl and can be given to the state machine as it is",
            )

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, description: str, *, breaching: int = 1, late: int = 0
    ) -> cloudwatch.Alarm:
        """Ring when a metric is above zero in ``breaching`` periods of the last, ``late`` others between them."""
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=breaching,
            evaluation_periods=breaching + late,
            metric=metric,
            threshold=0,
            # SQS reports nothing about a queue that nobody has used for six hours.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _stands_still(queue: sqs.IQueue) -> cloudwatch.MathExpression:
    """One while there are messages and none of them is finished.

    The age of the oldest message would be one metric and not three, but SQS leaves out of it whatever was received
    three times and not finished, which is what fills a queue that stands still.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    return cloudwatch.MathExpression(
        # What SQS reports of an active queue only where there is something to report is filled in.
        expression="IF((waiting + FILL(taken, 0) > 0) AND (FILL(finished, 0) == 0), 1, 0)",
        label="Stands still",
        period=PERIOD,
        using_metrics={
            "waiting": _waiting(queue),
            "taken": queue.metric_approximate_number_of_messages_not_visible(period=PERIOD, statistic="Maximum"),
            "finished": queue.metric_number_of_messages_deleted(period=PERIOD, statistic="Sum"),
        },
    )


def _waiting(queue: sqs.IQueue) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")


def _failures(machine: sfn.IStateMachine) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="FILL(failed, 0) + FILL(timedOut, 0)",
        label="Failed executions",
        period=PERIOD,
        using_metrics={
            "failed": machine.metric_failed(period=PERIOD, statistic="Sum"),
            "timedOut": machine.metric_timed_out(period=PERIOD, statistic="Sum"),
        },
    )


def _dead_letters(props: MonitoringProps) -> dict[str, sqs.IQueue]:
    """Every queue of dead letters once, by the name of what it belongs to."""
    letters = {one.name: one.dead_letters for one in props.queues if one.dead_letters}
    return letters | ({"Review": props.review.dead_letters} if props.review else {})
