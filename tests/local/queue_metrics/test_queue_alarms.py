"""Alarms on SQS's own metrics see what the queues are really like."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
AGE, SENT = "ApproximateAgeOfOldestMessage", "NumberOfMessagesSent"


class Watched:
    """A queue, and alarms on it."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws, self.sqs, self.cloudwatch = aws, aws.client("sqs"), aws.client("cloudwatch")
        self.name = f"watched-{uuid4().hex[:8]}"
        self.alarms: list[str] = []
        self.url = ""

    def make(self) -> None:
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]

    def alarm(self, metric: str, **more: object) -> str:
        name = f"{self.name}-{metric}-{len(self.alarms)}"
        asked: dict[str, Any] = {
            "Namespace": "AWS/SQS",
            "MetricName": metric,
            "Dimensions": [{"Name": "QueueName", "Value": self.name}],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        self.cloudwatch.put_metric_alarm(AlarmName=name, **{**asked, **more})
        self.alarms.append(name)
        return name

    def told(self, alarm: str) -> tuple[str, str]:
        [found] = self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        return str(found["StateValue"]), str(found["StateReason"])

    def state(self, alarm: str) -> str:
        return self.told(alarm)[0]

    def send(self) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody="a message")

    def take(self) -> str:
        return str(self.sqs.receive_message(QueueUrl=self.url)["Messages"][0]["ReceiptHandle"])

    def close(self) -> None:
        self.cloudwatch.delete_alarms(AlarmNames=self.alarms)
        if self.url:
            self.sqs.delete_queue(QueueUrl=self.url)


@pytest.fixture
def watched(apart: LocalAws) -> Iterator[Watched]:
    made = Watched(apart)
    yield made
    made.close()


def test_each_metric_follows_a_message_through_the_queue(watched: Watched, apart: LocalAws) -> None:
    watched.make()
    alarms = [watched.alarm(metric) for metric in (VISIBLE, HIDDEN, AGE, SENT)]

    def states() -> list[str]:
        apart.pass_time(61)
        return [watched.state(alarm) for alarm in alarms]

    empty = states()
    watched.send()
    waiting = states()
    still = states()
    handle = watched.take()
    in_work = states()
    watched.sqs.delete_message(QueueUrl=watched.url, ReceiptHandle=handle)

    assert empty == ["OK", "OK", "OK", "OK"]
    assert waiting == ["ALARM", "OK", "ALARM", "ALARM"]
    assert still == ["ALARM", "OK", "ALARM", "OK"]
    assert in_work == ["OK", "ALARM", "ALARM", "OK"]
    assert states() == ["OK", "OK", "OK", "OK"]


def test_a_message_grows_old_with_the_time_that_passes(watched: Watched, apart: LocalAws) -> None:
    watched.make()
    alarm = watched.alarm(AGE, Threshold=600)
    watched.send()

    apart.pass_time(540)
    young = watched.state(alarm)
    apart.pass_time(180)

    assert (young, watched.state(alarm)) == ("OK", "ALARM")


def test_a_queue_that_is_not_there_has_no_data(watched: Watched, apart: LocalAws) -> None:
    alarm = watched.alarm(VISIBLE)

    apart.pass_time(120)
    before = watched.state(alarm)
    watched.make()
    apart.pass_time(120)
    there = watched.state(alarm)
    watched.sqs.delete_queue(QueueUrl=watched.url)
    watched.url = ""
    apart.pass_time(600)

    assert (before, there, watched.state(alarm)) == ("INSUFFICIENT_DATA", "OK", "INSUFFICIENT_DATA")


def test_a_queue_that_nobody_uses_for_six_hours_has_no_data_and_an_expression_can_fill_it(
    watched: Watched, apart: LocalAws
) -> None:
    watched.make()
    plain = watched.alarm(VISIBLE)
    stat = {
        "Metric": {
            "Namespace": "AWS/SQS",
            "MetricName": VISIBLE,
            "Dimensions": [{"Name": "QueueName", "Value": watched.name}],
        },
        "Period": 60,
        "Stat": "Maximum",
    }
    filled = f"{watched.name}-filled"
    watched.cloudwatch.put_metric_alarm(
        AlarmName=filled,
        Metrics=[
            {"Id": "visible", "MetricStat": stat, "ReturnData": False},
            {"Id": "all", "Expression": "FILL(visible, 0)", "ReturnData": True},
        ],
        EvaluationPeriods=3,
        Threshold=0,
        ComparisonOperator="LessThanOrEqualToThreshold",
    )
    watched.alarms.append(filled)

    apart.pass_time(5 * 3600)
    used = watched.state(plain)
    apart.pass_time(2 * 3600)

    assert (used, watched.state(plain)) == ("OK", "INSUFFICIENT_DATA")
    state, why = watched.told(filled)
    assert state == "ALARM"
    assert why.startswith("Threshold Crossed: 3 out of the last 3 datapoints [0.0 (")


def test_a_dead_letter_is_no_message_that_was_sent(watched: Watched, apart: LocalAws) -> None:
    watched.make()
    first = watched.sqs.create_queue(
        QueueName=f"{watched.name}-first",
        Attributes={
            "VisibilityTimeout": "0",
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:{watched.name}", "maxReceiveCount": 1}
            ),
        },
    )["QueueUrl"]
    visible, sent = watched.alarm(VISIBLE), watched.alarm(SENT)
    apart.pass_time(61)

    watched.sqs.send_message(QueueUrl=first, MessageBody="bad")
    for _ in range(2):
        watched.sqs.receive_message(QueueUrl=first)
    apart.pass_time(61)

    watched.sqs.delete_queue(QueueUrl=first)
    assert (watched.state(visible), watched.state(sent)) == ("ALARM", "OK")


def test_an_expression_is_told_to_topics_and_in_the_words_of_its_alarm(watched: Watched, apart: LocalAws) -> None:
    watched.make()
    sns, arn = apart.client("sns"), f"arn:aws:sqs:us-east-1:123456789012:{watched.name}"
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    watched.sqs.set_queue_attributes(QueueUrl=watched.url, Attributes={"Policy": json.dumps({"Statement": [allow]})})
    topic = sns.create_topic(Name=watched.name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    stat = {"Metric": {"Namespace": "test", "MetricName": watched.name}, "Period": 60, "Stat": "Sum"}
    name = f"{watched.name}-told"
    watched.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=[
            {"Id": "errors", "MetricStat": stat, "ReturnData": False},
            {"Id": "twice", "Expression": "errors * 2", "Label": "twice", "ReturnData": True},
        ],
        EvaluationPeriods=1,
        Threshold=7,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    watched.alarms.append(name)
    apart.pass_time(1)
    watched.cloudwatch.put_metric_data(Namespace="test", MetricData=[{"MetricName": watched.name, "Value": 4.0}])

    apart.pass_time(61)

    said = json.loads(watched.sqs.receive_message(QueueUrl=watched.url)["Messages"][0]["Body"])
    sns.delete_topic(TopicArn=topic)
    assert said["NewStateReason"].startswith("Threshold Crossed: 1 datapoint [8.0 (")
    assert [(one["Id"], one.get("Expression"), one["ReturnData"]) for one in said["Trigger"]["Metrics"]] == [
        ("errors", None, False),
        ("twice", "errors * 2", True),
    ]
    assert said["Trigger"]["Metrics"][0]["MetricStat"]["Metric"]["MetricName"] == watched.name


@pytest.mark.parametrize(
    "expressions",
    [
        {"band": "ANOMALY_DETECTION_BAND(m, 2)"},
        {"other": "none + 1"},
        {"one": "two", "two": "one"},
        {"list": "[m, m]"},
    ],
    ids=["a band", "an unknown id", "a circle", "a list"],
)
def test_an_expression_that_is_not_understood_keeps_the_state_of_its_alarm(
    watched: Watched, apart: LocalAws, expressions: dict[str, str]
) -> None:
    stat = {"Metric": {"Namespace": "test", "MetricName": "any"}, "Period": 60, "Stat": "Sum"}
    queries: list[dict[str, Any]] = [{"Id": "m", "MetricStat": stat, "ReturnData": False}]
    for number, (one, text) in enumerate(expressions.items()):
        queries.append({"Id": one, "Expression": text, "ReturnData": number == 0})
    name = f"{watched.name}-odd"
    watched.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )
    watched.alarms.append(name)

    apart.pass_time(300)

    assert watched.state(name) == "INSUFFICIENT_DATA"
    assert [line for line in apart.report()["faults"] if "timekeeper" in line] == []
