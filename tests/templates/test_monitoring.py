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
from stacks.ai_services.monitoring import Monitoring, MonitoringProps, WatchedQueue
from stacks.aws_solutions import AwsSolutions
from tests.templates.synthesis import FLAGS

Watch = Callable[..., Assembly]


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
    first, second, letters = (
        sqs.Queue.from_queue_arn(stack, name, f"arn:aws:sqs:eu-west-1:123456789012:{name.lower()}")
        for name in ("Images", "Videos", "Letters")
    )
    hour = cdk.Duration.hours(1)
    return MonitoringProps(
        queues=[
            WatchedQueue(name="Images", queue=first, dead_letters=letters, oldest=hour),
            WatchedQueue(name="Videos", queue=second, dead_letters=None, oldest=cdk.Duration.minutes(90)),
        ],
        functions={
            "images": lambda_.Function.from_function_arn(
                stack, "Function", "arn:aws:lambda:eu-west-1:123456789012:function:images"
            )
        },
        tables={"results": dynamodb.TableV2.from_table_name(stack, "Table", "results")},
        state_machines={
            "backfill": sfn.StateMachine.from_state_machine_arn(
                stack, "Machine", "arn:aws:states:eu-west-1:123456789012:stateMachine:backfill"
            )
        },
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


def test_each_queue_has_an_alarm_on_its_oldest_message(everything: Assembly) -> None:
    ages = {
        alarm["Dimensions"][0]["Value"]: alarm["Threshold"]
        for alarm in of_type(everything, "AWS::CloudWatch::Alarm")
        if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    }

    assert ages == {"images": 3600, "videos": 5400}


def test_the_first_dead_letter_rings_once_even_where_two_queues_share_it(everything: Assembly) -> None:
    [alarm] = [
        alarm
        for alarm in of_type(everything, "AWS::CloudWatch::Alarm")
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    ]

    assert (alarm["Dimensions"][0]["Value"], alarm["Threshold"]) == ("letters", 0)
    assert (alarm["ComparisonOperator"], alarm["Namespace"]) == ("GreaterThanThreshold", "AWS/SQS")
    assert "mlstack vision redrive" in alarm["AlarmDescription"]


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
    assert len(of_type(quiet, "AWS::CloudWatch::Alarm")) == 3


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
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "NumberOfMessagesSent"),
        ("AWS/States", "ExecutionsFailed"),
        ("AWS/States", "ExecutionsStarted"),
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
    watched = WatchedQueue(name="Images", queue=queue, dead_letters=queue, oldest=cdk.Duration.hours(1))

    Monitoring(stack, "Monitoring", MonitoringProps(queues=[watched], functions={}, alarms=False, dashboard=True))
    app.synth()

    assert set(graphs(Assembly.read(tmp_path))) == {
        "Messages in",
        "Messages waiting",
        "Oldest message in s",
        "Dead letters",
    }
