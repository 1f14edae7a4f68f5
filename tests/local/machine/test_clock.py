"""What falls due by the server's date: alarms act on a change of state, schedules and scheduled rules on their time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from tests.local.packing import zipped
from tests.local.patience import eventually

ROLE = "arn:aws:iam::123456789012:role/any"
ACCOUNT = "us-east-1:123456789012"
DAY_S = 86400.0


@pytest.fixture
def instance(apart: LocalAws) -> Iterator[str]:
    """An instance on which nothing runs."""
    ec2 = apart.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    [made] = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"]
    yield made["InstanceId"]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])


def state(aws: LocalAws, instance: str) -> str:
    [found] = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    return str(found["State"]["Name"])


@pytest.fixture
def queue(apart: LocalAws) -> Iterator[tuple[str, str]]:
    """A queue that takes whatever comes, by its address and its ARN."""
    sqs, name = apart.client("sqs"), f"queue-{uuid4().hex[:8]}"
    url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{ACCOUNT}:{name}"
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [allow]})})
    yield url, arn
    sqs.delete_queue(QueueUrl=url)


def taken(aws: LocalAws, url: str) -> list[dict[str, Any]]:
    """The messages of a queue, taken away."""
    found: list[dict[str, Any]] = []
    while messages := aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found.extend(json.loads(message["Body"]) for message in messages)
    return found


def watched(aws: LocalAws, **more: object) -> str:
    """An alarm on a metric of its own."""
    name = f"alarm-{uuid4().hex[:8]}"
    asked: dict[str, Any] = {
        "AlarmName": name,
        "Namespace": "test",
        "MetricName": name,
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    aws.client("cloudwatch").put_metric_alarm(**{**asked, **more})
    return name


def told(aws: LocalAws, name: str) -> dict[str, Any]:
    [found] = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return dict(found)


def put(aws: LocalAws, name: str, value: float) -> None:
    data = {"MetricName": name, "Value": value}
    aws.client("cloudwatch").put_metric_data(Namespace="test", MetricData=[data])


def test_time_passes_and_never_goes_back(apart: LocalAws) -> None:
    before = apart.pass_time(1)["date"]

    after = apart.pass_time(90)["date"]

    assert datetime.fromisoformat(after) - datetime.fromisoformat(before) >= timedelta(seconds=90)
    with pytest.raises(OSError, match="400"):
        apart.pass_time(-1)


def test_a_new_alarm_knows_nothing_and_a_changed_one_keeps_its_state(apart: LocalAws) -> None:
    cloudwatch, name = apart.client("cloudwatch"), watched(apart)
    at_first = told(apart, name)["StateValue"]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")

    watched(apart, AlarmName=name, MetricName=name, Threshold=7.0)

    changed = told(apart, name)
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert at_first == "INSUFFICIENT_DATA"
    assert (changed["StateValue"], changed["StateReason"], changed["Threshold"]) == ("OK", "a test", 7.0)


def test_an_alarm_tells_its_topic_of_each_change_and_of_nothing_else(apart: LocalAws, queue: tuple[str, str]) -> None:
    url, arn = queue
    sns = apart.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid4().hex[:8]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    name = watched(apart, AlarmActions=[topic], OKActions=[topic], TreatMissingData="notBreaching")
    apart.pass_time(61)

    for value in (9.0, 9.0, 1.0):
        put(apart, name, value)
        apart.pass_time(61)

    said = taken(apart, url)
    apart.client("cloudwatch").delete_alarms(AlarmNames=[name])
    sns.delete_topic(TopicArn=topic)
    changes = [(one["OldStateValue"], one["NewStateValue"]) for one in said]
    assert changes == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]
    assert said[1]["NewStateReason"].startswith("Threshold Crossed: 1 datapoint [9.0 (")
    assert said[1]["Trigger"]["MetricName"] == name


def test_an_alarm_that_is_set_by_hand_acts_and_is_judged_again_a_minute_later(apart: LocalAws, instance: str) -> None:
    name = watched(
        apart,
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        AlarmActions=["arn:aws:automate:us-east-1:ec2:stop"],
        TreatMissingData="notBreaching",
    )

    apart.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    by_hand = told(apart, name)["StateValue"], state(apart, instance)
    apart.pass_time(61)

    judged = told(apart, name)
    apart.client("cloudwatch").delete_alarms(AlarmNames=[name])
    assert by_hand == ("ALARM", "stopped")
    assert judged["StateValue"] == "OK"
    assert judged["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[NonBreaching]."
    )


def test_an_alarm_whose_actions_are_off_does_nothing(apart: LocalAws, instance: str) -> None:
    name = watched(
        apart,
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        AlarmActions=["arn:aws:automate:us-east-1:ec2:terminate"],
        ActionsEnabled=False,
        TreatMissingData="breaching",
    )

    apart.pass_time(300)

    silent = told(apart, name)["StateValue"], state(apart, instance)
    apart.client("cloudwatch").delete_alarms(AlarmNames=[name])
    assert silent == ("ALARM", "running")


def test_an_action_that_fails_is_reported_and_hinders_no_other(apart: LocalAws, instance: str) -> None:
    name = watched(
        apart,
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        AlarmActions=["arn:aws:ssm:us-east-1:123456789012:opsitem:1", "arn:aws:automate:us-east-1:ec2:stop"],
        TreatMissingData="breaching",
    )

    apart.pass_time(300)

    stopped = state(apart, instance)
    apart.client("cloudwatch").delete_alarms(AlarmNames=[name])
    assert stopped == "stopped"
    assert any(name in line and "lacks this action" in line for line in apart.report()["undelivered"])


def scheduled(aws: LocalAws, target: dict[str, Any], expression: str, **more: object) -> str:
    name = f"schedule-{uuid4().hex[:8]}"
    aws.client("scheduler").create_schedule(
        **{
            "Name": name,
            "ScheduleExpression": expression,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"RoleArn": ROLE, **target},
            **more,
        }
    )
    return name


def stopping(instance: str) -> dict[str, Any]:
    return {
        "Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances",
        "Input": json.dumps({"InstanceIds": [instance]}),
    }


def test_a_daily_stop_stops_each_day(apart: LocalAws, instance: str) -> None:
    name = scheduled(apart, stopping(instance), "cron(0 22 * * ? *)", ScheduleExpressionTimezone="Europe/Paris")

    apart.pass_time(DAY_S)
    first = state(apart, instance)
    apart.client("ec2").start_instances(InstanceIds=[instance])
    between = state(apart, instance)
    apart.pass_time(DAY_S)

    apart.client("scheduler").delete_schedule(Name=name)
    assert (first, between, state(apart, instance)) == ("stopped", "running", "stopped")


def test_a_schedule_that_is_off_does_nothing(apart: LocalAws, instance: str) -> None:
    name = scheduled(apart, stopping(instance), "rate(1 hour)", State="DISABLED")

    apart.pass_time(DAY_S)

    apart.client("scheduler").delete_schedule(Name=name)
    assert state(apart, instance) == "running"


def test_a_schedule_for_once_happens_once_and_goes_where_it_shall(apart: LocalAws, instance: str) -> None:
    now = datetime.fromisoformat(apart.pass_time(1)["date"]).astimezone(UTC)
    when = f"at({now + timedelta(hours=1):%Y-%m-%dT%H:%M:%S})"
    scheduled(apart, stopping(instance), when, ActionAfterCompletion="DELETE")
    apart.pass_time(600)
    before = state(apart, instance)

    apart.pass_time(3600)

    assert (before, state(apart, instance)) == ("running", "stopped")
    assert apart.client("scheduler").list_schedules()["Schedules"] == []


def test_a_target_that_refuses_is_reported(apart: LocalAws) -> None:
    name = scheduled(apart, stopping("i-0123456789abcdef0"), "rate(1 hour)")

    apart.pass_time(7200)

    apart.client("scheduler").delete_schedule(Name=name)
    assert any(name in line and "InvalidInstanceID.NotFound" in line for line in apart.report()["undelivered"])


def test_a_rule_with_a_schedule_invokes_its_function_and_tells_its_queue(
    apart: LocalAws, queue: tuple[str, str]
) -> None:
    url, arn = queue
    name = f"rule-{uuid4().hex[:8]}"
    events, functions = apart.client("events"), apart.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    apart.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    code = zipped({"handler.py": "def handle(event, context):\n    return event['detail-type']\n"})
    made = functions.create_function(
        FunctionName=name, Runtime="python3.13", Handler="handler.handle", Role=ROLE, Code={"ZipFile": code}
    )
    rule = events.put_rule(Name=name, ScheduleExpression="rate(15 minutes)")["RuleArn"]
    functions.add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    targets = [{"Id": "function", "Arn": made["FunctionArn"]}, {"Id": "queue", "Arn": arn}]
    events.put_targets(Rule=name, Targets=targets)

    apart.pass_time(60)
    early = taken(apart, url)
    apart.pass_time(15 * 60)

    late = taken(apart, url)
    assert eventually(lambda: name in apart.report()["functions"])
    run = apart.report()["functions"][name]
    events.remove_targets(Rule=name, Ids=["function", "queue"])
    events.delete_rule(Name=name)
    functions.delete_function(FunctionName=name)
    assert early == []
    assert [(one["detail-type"], one["resources"], one["detail"]) for one in late] == [("Scheduled Event", [rule], {})]
    assert (run["count"], run["errors"]) == (1, 0)
