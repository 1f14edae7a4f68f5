"""Monitoring: someone is told when the pipeline stands still, and nothing bills that nobody asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Match, Template

from checks import templates
from mlstack.assembly import Assembly
from stacks.ai_services.monitoring import Monitoring, MonitoringProps, WatchedQueue, WatchedReview
from stacks.aws_solutions import AwsSolutions
from tests.templates.synthesis import FLAGS, Synthesized

Watch = Callable[..., Assembly]
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine"
DAY_S = 24 * 3600


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """Synthesizes a stack with a watched pipeline under the rule packs."""

    def watched(*, alarms: bool = True, alarm_email: str | None = None, dashboard: bool = True) -> Assembly:
        folder = tmp_path_factory.mktemp("monitoring")
        app = cdk.App(context=FLAGS, outdir=str(folder))
        stack = cdk.Stack(app, "mlstack-sandbox-Vision", env=cdk.Environment(region="eu-west-1"))
        Monitoring(stack, "Monitoring", props(stack, alarms=alarms, alarm_email=alarm_email, dashboard=dashboard))
        cdk.Validations.of(app).add_plugins(AwsSolutions(app))
        app.synth()
        return Assembly.read(folder)

    return watched


def props(stack: cdk.Stack, **choices: Any) -> MonitoringProps:  # noqa: ANN401 (the choices are of several types)
    """Two queues that share their dead letters, with everything else that can be watched."""
    first, second, letters, unstarted = (
        sqs.Queue.from_queue_arn(stack, name, f"arn:aws:sqs:eu-west-1:123456789012:{name.lower()}")
        for name in ("Images", "Videos", "Letters", "Unstarted")
    )
    hour = cdk.Duration.hours(1)
    return MonitoringProps(
        queues=[
            WatchedQueue(name="Images", queue=first, dead_letters=letters, patience=hour),
            WatchedQueue(name="Videos", queue=second, dead_letters=None, patience=cdk.Duration.minutes(90)),
        ],
        review=WatchedReview(
            state_machine=sfn.StateMachine.from_state_machine_arn(stack, "Review", f"{MACHINE}:review"),
            dead_letters=unstarted,
        ),
        functions={
            "images": lambda_.Function.from_function_arn(
                stack, "Function", "arn:aws:lambda:eu-west-1:123456789012:function:images"
            )
        },
        tables={"results": dynamodb.TableV2.from_table_name(stack, "Table", "results")},
        state_machines={"backfill": sfn.StateMachine.from_state_machine_arn(stack, "Machine", f"{MACHINE}:backfill")},
        operations=["DetectLabels", "DetectFaces"],
        **choices,
    )


@pytest.fixture(scope="module")
def everything(watch: Watch) -> Assembly:
    """Alarms, a dashboard and a person to tell."""
    return watch(alarm_email="ops@example.com")


def template(assembly: Assembly) -> Template:
    """The one stack's template."""
    [stack] = assembly.stacks
    return Template.from_json(stack.template)


def of_type(assembly: Assembly, kind: str) -> list[dict[str, Any]]:
    """The properties of the one stack's resources of a type."""
    [stack] = assembly.stacks
    return [resource.get("Properties", {}) for resource in stack.of_type(kind).values()]


def graphs(assembly: Assembly) -> dict[str, list[list[Any]]]:
    """The lines of each graph of the dashboard, by its title."""
    [dashboard] = of_type(assembly, "AWS::CloudWatch::Dashboard")
    parts = (
        dashboard["DashboardBody"]["Fn::Join"][1]
        if isinstance(dashboard["DashboardBody"], dict)
        else [dashboard["DashboardBody"]]
    )
    body = json.loads("".join(part if isinstance(part, str) else "TOKEN" for part in parts))
    return {widget["properties"]["title"]: widget["properties"]["metrics"] for widget in body["widgets"]}


def test_the_template_is_valid(everything: Assembly) -> None:
    assert templates.check(everything).findings == ()


def calculated(assembly: Assembly, expression: str) -> list[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    """Each alarm on an expression that has some words, with its metrics by their ids."""
    return [
        (alarm, {one["Id"]: one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one})
        for alarm in of_type(assembly, "AWS::CloudWatch::Alarm")
        if expression in str(alarm.get("Metrics", ()))
    ]


def test_each_queue_has_one_alarm_on_its_standing_still(everything: Assembly) -> None:
    found = calculated(everything, "finished")

    patience = {
        metrics["waiting"]["Metric"]["Dimensions"][0]["Value"]: alarm["DatapointsToAlarm"]
        * metrics["waiting"]["Period"]
        for alarm, metrics in found
    }

    assert patience == {"images": 3600, "videos": 5400}
    for alarm, metrics in found:
        assert {name: (stat["Metric"]["MetricName"], stat["Stat"]) for name, stat in metrics.items()} == {
            "waiting": ("ApproximateNumberOfMessagesVisible", "Maximum"),
            "taken": ("ApproximateNumberOfMessagesNotVisible", "Maximum"),
            "finished": ("NumberOfMessagesDeleted", "Sum"),
        }
        assert len({json.dumps(stat["Metric"]["Dimensions"]) for stat in metrics.values()}) == 1
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


def test_a_queue_stands_still_while_it_holds_messages_and_finishes_none(everything: Assembly) -> None:
    [(alarm, _), _] = calculated(everything, "finished")

    [expression] = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]

    assert expression == "IF((waiting + FILL(taken, 0) > 0) AND (FILL(finished, 0) == 0), 1, 0)"


def test_failed_and_timed_out_reviews_ring_one_alarm(everything: Assembly) -> None:
    [(alarm, metrics)] = calculated(everything, "ExecutionsFailed")

    assert {stat["Metric"]["MetricName"] for stat in metrics.values()} == {"ExecutionsFailed", "ExecutionsTimedOut"}
    assert {stat["Metric"]["Dimensions"][0]["Value"] for stat in metrics.values()} == {f"{MACHINE}:review"}
    assert {stat["Stat"] for stat in metrics.values()} == {"Sum"}
    assert (alarm["DatapointsToAlarm"], alarm["Threshold"]) == (1, 0)
    assert "mlstack vision review list --status failed" in alarm["AlarmDescription"]


def test_alarms_look_over_numbers_that_come_late_and_no_further_back_than_cloudwatch_does(
    production: Synthesized,
) -> None:
    alarms = [one["Properties"] for one in production.stacks["Vision"].of_type("AWS::CloudWatch::Alarm").values()]
    periods = [
        (alarm, {one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one})
        for alarm in alarms
        if "Metrics" in alarm
    ]

    assert len(periods) == 4
    for alarm, [period] in periods:
        assert alarm["EvaluationPeriods"] - alarm["DatapointsToAlarm"] == 2
        assert alarm["EvaluationPeriods"] * period <= DAY_S


def test_the_alarms_cost_what_the_readme_says(production: Synthesized) -> None:
    alarms = production.stacks["Vision"].of_type("AWS::CloudWatch::Alarm")

    # CloudWatch bills an alarm for every metric that it watches.
    billed = {
        name.removeprefix("Monitoring")[:-8]: sum("MetricStat" in one for one in alarm["Properties"].get("Metrics", ()))
        or 1
        for name, alarm in alarms.items()
    }

    assert billed == {
        "ImagesStandStill": 3,
        "ImagesDeadLetters": 1,
        "VideosStandStill": 3,
        "VideosDeadLetters": 1,
        "JobsStandStill": 3,
        "ReviewFailures": 2,
        "ReviewDeadLetters": 1,
    }


def test_the_first_dead_letter_rings_once_even_where_two_queues_share_it(everything: Assembly) -> None:
    alarms = {
        alarm["Dimensions"][0]["Value"]: alarm
        for alarm in of_type(everything, "AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    }

    assert set(alarms) == {"letters", "unstarted"}
    for alarm in alarms.values():
        assert (alarm["ComparisonOperator"], alarm["Namespace"]) == ("GreaterThanThreshold", "AWS/SQS")
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
    assert "mlstack vision redrive" in alarms["letters"]["AlarmDescription"]
    assert "ReviewDeadLetterQueueUrl" in alarms["unstarted"]["AlarmDescription"]


def test_a_quiet_queue_rings_no_alarm_and_every_alarm_goes_to_the_topic(everything: Assembly) -> None:
    [stack] = everything.stacks
    [topic] = stack.of_type("AWS::SNS::Topic")

    for alarm in of_type(everything, "AWS::CloudWatch::Alarm"):
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_cloudwatch_may_publish_for_this_account_and_nobody_without_tls(everything: Assembly) -> None:
    template(everything).has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like({"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny"}),
                    {
                        "Action": "sns:Publish",
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Resource": Match.any_value(),
                    },
                ]
            }
        },
    )


def test_the_address_of_the_profile_is_subscribed(everything: Assembly) -> None:
    [subscription] = of_type(everything, "AWS::SNS::Subscription")

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


def test_without_an_address_the_topic_waits_for_subscribers(watch: Watch) -> None:
    quiet = watch(alarm_email=None, dashboard=False)

    assert of_type(quiet, "AWS::SNS::Subscription") == []
    assert len(of_type(quiet, "AWS::SNS::Topic")) == 1
    assert len(of_type(quiet, "AWS::CloudWatch::Alarm")) == 5


def test_what_nobody_asked_for_is_not_made(watch: Watch) -> None:
    [stack] = watch(alarms=False, dashboard=False).stacks

    assert [body for body in stack.resources.values() if not body["Type"].startswith("AWS::CDK::")] == []


def test_the_dashboard_shows_the_pipeline_from_queue_to_table(everything: Assembly) -> None:
    shown = {(line[0], line[1]) for lines in graphs(everything).values() for line in lines}

    assert shown == {
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
        ("AWS/DynamoDB", "ReadThrottleEvents"),
        ("AWS/DynamoDB", "WriteThrottleEvents"),
        ("AWS/Lambda", "Duration"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Invocations"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/Rekognition", "ResponseTime"),
        ("AWS/Rekognition", "ServerErrorCount"),
        ("AWS/Rekognition", "SuccessfulRequestCount"),
        ("AWS/Rekognition", "ThrottledCount"),
        ("AWS/Rekognition", "UserErrorCount"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "NumberOfMessagesDeleted"),
        ("AWS/SQS", "NumberOfMessagesSent"),
        ("AWS/States", "ExecutionsFailed"),
        ("AWS/States", "ExecutionsStarted"),
        ("AWS/States", "ExecutionsTimedOut"),
    }


def test_rekognition_is_shown_operation_by_operation(everything: Assembly) -> None:
    lines = graphs(everything)["Rekognition calls"]

    assert [line[:4] for line in lines] == [
        ["AWS/Rekognition", "SuccessfulRequestCount", "Operation", "DetectLabels"],
        ["AWS/Rekognition", "SuccessfulRequestCount", "Operation", "DetectFaces"],
    ]
    assert {line[4]["stat"] for line in lines} == {"Sum"}


def test_a_pipeline_without_the_rest_still_has_its_dashboard(tmp_path: Path) -> None:
    app = cdk.App(context=FLAGS, outdir=str(tmp_path))
    stack = cdk.Stack(app, "Bare")
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:123456789012:images")
    watched = WatchedQueue(name="Images", queue=queue, dead_letters=queue, patience=cdk.Duration.hours(1))

    Monitoring(stack, "Monitoring", MonitoringProps(queues=[watched], functions={}, alarms=False, dashboard=True))
    app.synth()

    assert set(graphs(Assembly.read(tmp_path))) == {
        "Messages in and finished",
        "Messages waiting and taken up",
        "Oldest message in s",
        "Dead letters",
    }
