"""One page that shows the pipeline from the queues to the table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

HEIGHT = 6
COLUMNS = 24  # of every CloudWatch dashboard
PERIOD = cdk.Duration.minutes(5)
# https://docs.aws.amazon.com/rekognition/latest/dg/cloudwatch-metricsdim.html
REKOGNITION_METRICS = {
    "SuccessfulRequestCount": ("Rekognition calls", "Sum"),
    "ThrottledCount": ("Rekognition calls over the quota", "Sum"),
    "UserErrorCount": ("Rekognition refusals", "Sum"),
    "ServerErrorCount": ("Rekognition's own faults", "Sum"),
    "ResponseTime": ("Rekognition's time in ms", "Average"),
}
Row = list[cloudwatch.IWidget]


@dataclass(frozen=True, kw_only=True, slots=True)
class DashboardProps:
    """What is shown, by the names of its lines."""

    queues: Mapping[str, sqs.IQueue]
    dead_letters: Mapping[str, sqs.IQueue]
    functions: Mapping[str, lambda_.IFunction]
    tables: Mapping[str, dynamodb.ITableV2] = field(default_factory=dict)
    state_machines: Mapping[str, sfn.IStateMachine] = field(default_factory=dict)
    operations: Sequence[str] = ()
    """Rekognition's; CloudWatch counts them for the account, not for the stage alone."""


class Dashboard(Construct):
    """A row each for queues, functions, Rekognition, and tables with state machines."""

    def __init__(self, scope: Construct, construct_id: str, props: DashboardProps) -> None:
        super().__init__(scope, construct_id)
        rows = [_queues(props), _functions(props.functions), _rekognition(props.operations), _state(props)]
        cloudwatch.Dashboard(self, "Resource", widgets=[row for row in rows if row])


def _queues(props: DashboardProps) -> Row:
    queues, letters = props.queues.items(), props.dead_letters.items()
    return _row(
        {
            "Messages in and finished": [
                *(one.metric_number_of_messages_sent(label=f"{name} in") for name, one in queues),
                *(one.metric_number_of_messages_deleted(label=f"{name} finished") for name, one in queues),
            ],
            # A message that is taken up again and again is hardly ever visible.
            "Messages waiting and taken up": [
                *(one.metric_approximate_number_of_messages_visible(label=f"{name} waiting") for name, one in queues),
                *(one.metric_approximate_number_of_messages_not_visible(label=f"{name} taken") for name, one in queues),
            ],
            "Oldest message in s": [one.metric_approximate_age_of_oldest_message(label=name) for name, one in queues],
            "Dead letters": [one.metric_approximate_number_of_messages_visible(label=name) for name, one in letters],
        }
    )


def _functions(functions: Mapping[str, lambda_.IFunction]) -> Row:
    named = functions.items()
    return _row(
        {
            "Invocations": [one.metric_invocations(label=name) for name, one in named],
            "Errors": [one.metric_errors(label=name) for name, one in named],
            "Throttles": [one.metric_throttles(label=name) for name, one in named],
            "Duration in ms, 90th percentile": [
                one.metric_duration(label=name, statistic="p90") for name, one in named
            ],
        }
    )


def _rekognition(operations: Sequence[str]) -> Row:
    return _row(
        {
            title: [
                cloudwatch.Metric(
                    namespace="AWS/Rekognition",
                    metric_name=metric,
                    dimensions_map={"Operation": operation},
                    label=operation,
                    statistic=statistic,
                )
                for operation in operations
            ]
            for metric, (title, statistic) in REKOGNITION_METRICS.items()
        }
    )


def _state(props: DashboardProps) -> Row:
    tables, machines = props.tables.items(), props.state_machines.items()
    throttles = ("ReadThrottleEvents", "WriteThrottleEvents")
    return _row(
        {
            "Table writes": [one.metric_consumed_write_capacity_units(label=name) for name, one in tables],
            "Table throttles": [
                one.metric(metric, label=f"{name} {metric}", statistic="Sum")
                for metric in throttles
                for name, one in tables
            ],
            "Executions": [one.metric_started(label=name) for name, one in machines],
            "Executions failed": [
                *(one.metric_failed(label=name) for name, one in machines),
                *(one.metric_timed_out(label=f"{name} timed out") for name, one in machines),
            ],
        }
    )


def _row(graphs: Mapping[str, Iterable[cloudwatch.IMetric]]) -> Row:
    """Graphs side by side over the page's whole width; what has no line is left out."""
    drawn = {title: lines for title, metrics in graphs.items() if (lines := list(metrics))}
    return [
        cloudwatch.GraphWidget(
            title=title, left=lines, period=PERIOD, height=HEIGHT, width=COLUMNS // len(drawn), left_y_axis={"min": 0}
        )
        for title, lines in drawn.items()
    ]
