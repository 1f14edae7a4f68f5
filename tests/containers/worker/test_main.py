"""The worker as a process: what it is told wrong, and how it ends."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.containers.aws_lab import Aws
from tests.containers.worker import worker_lab
from tests.containers.worker.desk import ENVIRONMENT, Replies, Said
from tests.containers.worker.worker_lab import BUCKET, REQUESTS, body, until

NOWHERE = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"}


@pytest.mark.parametrize(
    ("command", "told", "reason"),
    [
        ("serve", {}, "the only argument is model or queue"),
        ("model", {}, "MODEL_URI: an S3 URI is needed"),
        ("queue", {}, "QUEUE_URL: the URL of an SQS queue is needed"),
        ("queue", {**ENVIRONMENT, "CONCURRENCY": "x"}, "CONCURRENCY: a whole number"),
    ],
)
def test_worker_that_is_told_wrong_says_so_in_one_line(command: str, told: Mapping[str, str], reason: str) -> None:
    ended = worker_lab.ran(command, told)

    assert ended.code == 2
    assert ended.said.startswith(reason)
    assert ended.said.count("\n") == 1
    assert ended.lines == []


def test_worker_without_a_region_says_so_in_one_line() -> None:
    ended = worker_lab.ran("queue", {**ENVIRONMENT, "AWS_REGION": ""})

    assert (ended.code, ended.said) == (1, "You must specify a region.\n")


def test_model_that_is_not_there_ends_the_task_with_one_line(aws: Aws, tmp_path: Path) -> None:
    aws.s3.create_bucket(Bucket="models")

    ended = worker_lab.ran(
        "model", {**aws.environment, "MODEL_URI": "s3://models/a.tar.gz", "MODEL_DIR": str(tmp_path)}
    )

    assert ended.code == 1
    assert ended.said == (
        "MODEL_URI: s3://models/a.tar.gz: 404: there is no such object; train a model first, or name another one\n"
    )


def test_queue_that_is_not_there_ends_the_worker_with_one_line(aws: Aws, replies: Replies) -> None:
    told = {**ENVIRONMENT, **aws.environment, "QUEUE_URL": f"{aws.url}/123456789012/none"}

    ended = worker_lab.ran("queue", {**told, "SERVER_PORT": str(replies.port)})

    assert ended.code == 1
    assert "NonExistentQueue" in ended.said
    assert ended.said.count("\n") == 1


@pytest.mark.parametrize(("drain", "code"), [("30", 0), ("0", 1)])
def test_sigterm_lets_what_is_in_hand_be_finished_or_gives_it_back(
    aws: Aws, replies: Replies, drain: str, code: int
) -> None:
    aws.s3.create_bucket(Bucket=BUCKET)
    aws.s3.put_object(Bucket=BUCKET, Key=f"{REQUESTS}a", Body=b"picture", ContentType="image/jpeg")
    url = aws.sqs.create_queue(QueueName="queue")["QueueUrl"]
    aws.sqs.send_message(QueueUrl=url, MessageBody=body(f"{REQUESTS}a"))
    told = {**ENVIRONMENT, **aws.environment, "QUEUE_URL": url, "SERVER_PORT": str(replies.port)}
    told |= {"DRAIN_SECONDS": drain, "POLL_SECONDS": "1", "CONCURRENCY": "1"}

    with worker_lab.working("queue", told) as worker:
        replies.always = Said(hold=lambda: until(lambda: bool(code) or "draining" in worker.events()))
        if code:  # the answer never comes while it lives
            replies.always = Said(hold=lambda: until(lambda: worker.process.poll() is not None))
        until(lambda: len(replies.heard) == 1)
        worker.stop()
        ended = worker.ended()

    assert (ended.code, ended.said) == (code, "")
    assert ended.lines[-1]["given_back"] == code
    left = aws.sqs.receive_message(QueueUrl=url).get("Messages", [])
    assert [json.loads(one["Body"])["detail"]["object"]["key"] for one in left] == [f"{REQUESTS}a"] * code
