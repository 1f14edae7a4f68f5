"""A queue's messages reach its function as Lambda brings them."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.aws import LocalAws
from mlstack.local.event_source import failures
from tests.local.patience import eventually

Make = Callable[..., str]
LEDGER = """
import json, os, boto3
table = boto3.client("dynamodb")
def handle(event, context):
    failed = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        table.put_item(TableName="deliveries", Item={
            "id": {"S": record["messageId"] + record["attributes"]["ApproximateReceiveCount"]},
            "batch": {"N": str(len(event["Records"]))}, "record": {"S": json.dumps(record)}})
        if body.get("crash"):
            raise ValueError("crash")
        if body.get("fail"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""


class Queues:
    def __init__(self, aws: LocalAws) -> None:
        self.sqs = aws.client("sqs")
        self.urls: list[str] = []

    def make(self, **attributes: str) -> str:
        url = str(self.sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}", Attributes=attributes)["QueueUrl"])
        self.urls.append(url)
        return url

    def arn(self, url: str) -> str:
        return str(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])

    def with_dead_letters(self, *, received_at_most: int) -> tuple[str, str]:
        dead = self.make()
        redrive = json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": received_at_most})
        return self.make(RedrivePolicy=redrive, VisibilityTimeout="1"), dead

    def send(self, url: str, *bodies: object) -> None:
        entries = [{"Id": str(number), "MessageBody": json.dumps(body)} for number, body in enumerate(bodies)]
        self.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def bodies(self, url: str) -> list[Any]:
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]

    def depth(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)


@pytest.fixture
def queues(local_aws: LocalAws) -> Iterator[Queues]:
    made = Queues(local_aws)
    yield made
    for url in made.urls:
        made.sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def deliveries(local_aws: LocalAws) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    dynamodb = local_aws.client("dynamodb")
    dynamodb.create_table(
        TableName="deliveries",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda: [json.loads(item["record"]["S"]) for item in dynamodb.scan(TableName="deliveries")["Items"]]
    dynamodb.delete_table(TableName="deliveries")


@pytest.fixture
def connect(local_aws: LocalAws) -> Iterator[Callable[..., str]]:
    client = local_aws.client("lambda")
    made: list[str] = []

    def connect(queue_arn: str, function: str, **more: object) -> str:
        wanted = {"FunctionResponseTypes": ["ReportBatchItemFailures"], **more}
        mapping = client.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=function, **wanted)
        made.append(mapping["UUID"])
        return str(mapping["UUID"])

    yield connect
    for uuid in made:
        with suppress(ClientError):
            client.delete_event_source_mapping(UUID=uuid)


Connect = Callable[..., str]
Deliveries = Callable[[], list[dict[str, Any]]]


def test_a_message_comes_with_its_real_attributes(
    function: Make, queues: Queues, connect: Connect, deliveries: Deliveries
) -> None:
    url = queues.make()
    connect(queues.arn(url), function(LEDGER, Timeout=20))

    attribute = {"kind": {"DataType": "String", "StringValue": "photo"}}
    sent = queues.sqs.send_message(QueueUrl=url, MessageBody='{"n": 1}', MessageAttributes=attribute)
    [record] = eventually(deliveries)

    eventually(lambda: queues.depth(url) == 0)
    assert record["messageId"] == sent["MessageId"]
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"] > "1545082649183"
    assert record["messageAttributes"]["kind"]["stringValue"] == "photo"
    assert record["eventSourceARN"] == queues.arn(url)


def test_a_failed_item_comes_again_alone_and_then_lies_in_the_dead_letter_queue(
    function: Make, queues: Queues, connect: Connect, deliveries: Deliveries
) -> None:
    url, dead = queues.with_dead_letters(received_at_most=2)
    queues.send(url, {"n": 1}, {"fail": True}, {"n": 2})
    connect(queues.arn(url), function(LEDGER, Timeout=20), BatchSize=10)

    eventually(lambda: queues.depth(dead))

    records = deliveries()
    counts = sorted(int(one["attributes"]["ApproximateReceiveCount"]) for one in records if "fail" in one["body"])
    assert queues.bodies(dead) == [{"fail": True}]
    assert counts == [1, 2]
    assert len(records) == 4
    assert queues.depth(url) == 0


def test_a_crash_fails_the_whole_batch(
    function: Make, queues: Queues, connect: Connect, deliveries: Deliveries
) -> None:
    url, dead = queues.with_dead_letters(received_at_most=1)
    queues.send(url, {"n": 1}, {"crash": True})
    connect(queues.arn(url), function(LEDGER, Timeout=20), BatchSize=10)

    eventually(lambda: queues.depth(dead) == 2)

    assert {"n": 1} in queues.bodies(dead)
    assert len(deliveries()) == 2


def test_without_partial_responses_an_answer_deletes_the_batch(
    function: Make, queues: Queues, connect: Connect, deliveries: Deliveries
) -> None:
    url = queues.make(VisibilityTimeout="1")
    connect(queues.arn(url), function(LEDGER, Timeout=20), FunctionResponseTypes=[])

    queues.send(url, {"fail": True})

    eventually(deliveries)
    eventually(lambda: queues.depth(url) == 0)


def test_a_batch_is_no_larger_than_asked(
    function: Make, queues: Queues, connect: Connect, local_aws: LocalAws, deliveries: Deliveries
) -> None:
    url = queues.make()
    queues.send(url, *({"n": number} for number in range(10)))
    connect(queues.arn(url), function(LEDGER, Timeout=20), BatchSize=4)

    eventually(lambda: len(deliveries()) == 10)

    items = local_aws.client("dynamodb").scan(TableName="deliveries")["Items"]
    assert max(int(item["batch"]["N"]) for item in items) == 4


@pytest.mark.usefixtures("deliveries")
def test_no_more_batches_run_at_a_time_than_the_maximum(
    function: Make, queues: Queues, connect: Connect, local_aws: LocalAws
) -> None:
    slow = "import time\ndef handle(event, context):\n    time.sleep(0.3)"
    name, url = function(slow, Timeout=20), queues.make()
    queues.send(url, *({"n": number} for number in range(6)))

    connect(queues.arn(url), name, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    eventually(lambda: queues.depth(url) == 0)

    eventually(lambda: name in local_aws.report()["functions"])
    eventually(lambda: local_aws.report()["functions"][name]["count"] == 6)
    assert local_aws.report()["functions"][name]["cold_starts"] <= 2


def test_a_disabled_mapping_leaves_the_queue_alone(
    function: Make, queues: Queues, connect: Connect, local_aws: LocalAws, deliveries: Deliveries
) -> None:
    url = queues.make()
    uuid = connect(queues.arn(url), function(LEDGER, Timeout=20), Enabled=False)
    queues.send(url, {"n": 1})

    with pytest.raises(AssertionError, match="nothing within"):
        eventually(deliveries, within_s=0.5)
    local_aws.client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)

    assert len(eventually(deliveries)) == 1


def test_no_message_is_lost_when_many_are_sent_at_once(
    function: Make, queues: Queues, connect: Connect, local_aws: LocalAws
) -> None:
    url = queues.make()
    name = function("def handle(event, context): return None", Timeout=20)
    connect(queues.arn(url), name)

    for start in range(0, 100, 10):
        queues.send(url, *({"n": number} for number in range(start, start + 10)))

    queue = url.rsplit("/", 1)[-1]
    eventually(lambda: queue in local_aws.report()["queues"])
    eventually(lambda: local_aws.report()["queues"][queue]["deleted"] == 100)
    assert queues.depth(url) == 0


def test_one_function_serves_two_queues(
    function: Make, queues: Queues, connect: Connect, deliveries: Deliveries
) -> None:
    name, one, two = function(LEDGER, Timeout=20), queues.make(), queues.make()
    for url in (one, two):
        connect(queues.arn(url), name)

    queues.send(one, {"n": 1})
    queues.send(two, {"n": 2})

    eventually(lambda: len(deliveries()) == 2)
    assert {record["eventSourceARN"] for record in deliveries()} == {queues.arn(one), queues.arn(two)}


def test_a_message_whose_function_put_it_off_comes_back_when_it_said(
    function: Make, queues: Queues, connect: Connect, local_aws: LocalAws
) -> None:
    postponing = """
    import os, time, boto3
    def handle(event, context):
        sqs = boto3.client("sqs")
        for record in event["Records"]:
            print("came", time.time())
            url = sqs.get_queue_url(QueueName=record["eventSourceARN"].rsplit(":", 1)[-1])["QueueUrl"]
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=1)
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]]}
    """
    name, url = function(postponing, Timeout=20), queues.make(VisibilityTimeout="600")
    uuid = connect(queues.arn(url), name)
    queues.send(url, {"n": 1})

    def came() -> list[float]:
        logs = local_aws.client("logs")
        group = f"/aws/lambda/{name}"
        with suppress(ClientError):
            streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
            lines = [
                event["message"]
                for stream in streams
                for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
            ]
            return sorted(float(line.split()[1]) for line in lines if line.startswith("came"))
        return []

    times = eventually(lambda: len(found := came()) >= 2 and found)
    local_aws.client("lambda").delete_event_source_mapping(UUID=uuid)
    assert isinstance(times, list)
    assert 0.9 < times[1] - times[0] < 5


SENT = frozenset({"a", "b", "c"})


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, SENT),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, SENT),
        ({"batchItemFailures": [{"wrong": "a"}]}, SENT),
        ({"batchItemFailures": ["a"]}, SENT),
        ("a text", SENT),
    ],
)
def test_failures_are_read_as_lambda_reads_them(payload: object, expected: set[str]) -> None:
    assert failures(payload, SENT) == expected


@given(named=st.lists(st.sampled_from(sorted(SENT))))
def test_failures_are_the_named_ones(named: list[str]) -> None:
    payload = {"batchItemFailures": [{"itemIdentifier": name} for name in named]}

    assert failures(payload, SENT) == set(named)
