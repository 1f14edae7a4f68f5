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


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedQueue:
    """A queue with its dead letters, and how old its oldest message may grow."""

    name: str
    """In PascalCase and unique: it names the alarms' constructs and the dashboard's lines."""
    queue: sqs.IQueue
    dead_letters: sqs.IQueue | None
    """None where another watched queue has the same ones."""
    oldest: cdk.Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringProps:
    """What is watched, and who is told."""

    queues: Sequence[WatchedQueue]
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
            for alarm in self._alarms(props.queues):
                alarm.add_alarm_action(actions.SnsAction(topic))
        if props.dashboard:
            Dashboard(
                self,
                "Dashboard",
                DashboardProps(
                    queues={watched.name: watched.queue for watched in props.queues},
                    dead_letters={one.name: one.dead_letters for one in props.queues if one.dead_letters},
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

    def _alarms(self, queues: Sequence[WatchedQueue]) -> Iterator[cloudwatch.Alarm]:
        for watched in queues:
            yield self._alarm(
                f"{watched.name}Age",
                watched.queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
                watched.oldest.to_seconds(),
                f"{watched.name}: the oldest message waits for more than {watched.oldest.to_human_string()}; "
                "look at the function's log and at Rekognition's throttles",
            )
            if watched.dead_letters:
                yield self._alarm(
                    f"{watched.name}DeadLetters",
                    watched.dead_letters.metric_approximate_number_of_messages_visible(
                        period=PERIOD, statistic="Maximum"
                    ),
                    0,
                    f"{watched.name}: something was given up; `mlstack vision redrive` shows it with the reasons",
                )

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: float, description: str) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            metric=metric,
            threshold=threshold,
            # SQS reports nothing about a queue that nobody has used for six hours.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
