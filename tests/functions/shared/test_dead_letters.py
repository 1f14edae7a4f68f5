"""Dead letters: the message as it came, and a reason that SQS takes."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.dead_letters import DeadLetters

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@pytest.fixture
def letters(aws: None, sqs_client: "SQSClient") -> DeadLetters:  # noqa: ARG001 (moto must run)
    return DeadLetters(sqs_client, sqs_client.create_queue(QueueName="dead-letters")["QueueUrl"])


def received(letters: DeadLetters) -> tuple[str, str]:
    got = letters.sqs.receive_message(QueueUrl=letters.queue_url, MessageAttributeNames=["All"])["Messages"]
    letters.sqs.delete_message(QueueUrl=letters.queue_url, ReceiptHandle=got[0]["ReceiptHandle"])
    return got[0]["Body"], got[0]["MessageAttributes"]["Reason"]["StringValue"]


def test_message_is_parked_as_it_came(letters: DeadLetters) -> None:
    letters.park('{"key": "é 😀"}', "no permission")

    assert received(letters) == ('{"key": "é 😀"}', "no permission")


@pytest.mark.parametrize(("reason", "kept"), [("", "no reason given"), ("a\x00\nb", "a  b"), ("ä" * 2000, "ä" * 1000)])
def test_reason_is_mended_where_sqs_would_refuse_it(letters: DeadLetters, reason: str, kept: str) -> None:
    letters.park("body", reason)

    assert received(letters)[1] == kept


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example empties the queue
@given(reason=st.text(max_size=1500))
def test_any_reason_arrives_as_printable_text(letters: DeadLetters, reason: str) -> None:
    letters.park("body", reason)

    _, kept = received(letters)
    assert kept.isprintable()
    assert 0 < len(kept) <= 1000
