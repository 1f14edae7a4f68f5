"""Videos are analysed in jobs that announce their end and answer in pages."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from mlstack.local.aws import LocalAws
from mlstack.local.rekognition.request import answer_shape
from mlstack.local.rekognition.video_finding import FINDINGS
from tests.local.patience import eventually
from tests.local.rekognition.conftest import MP4, Put

Json = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture
def mailbox(local_aws: LocalAws) -> Iterator[tuple[Json, Callable[[], list[Json]]]]:
    """A notification channel, and what came through it."""
    sns, sqs, name = local_aws.client("sns"), local_aws.client("sqs"), f"box-{uuid4().hex[:8]}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps({"Statement": [allow]})})["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def read() -> list[Json]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(message["Body"])["Message"]) for message in found]

    yield {"SNSTopicArn": topic, "RoleArn": ROLE}, read
    sqs.delete_queue(QueueUrl=url)
    sns.delete_topic(TopicArn=topic)


Mailbox = tuple[Json, Callable[[], list[Json]]]


def test_a_job_announces_its_end_as_aws_does(local_aws: LocalAws, put: Put, mailbox: Mailbox) -> None:
    channel, read = mailbox
    video = put("é clip.mp4", MP4)
    place = video["S3Object"]

    job = local_aws.client("rekognition").start_label_detection(
        Video=video, NotificationChannel=channel, JobTag="mine"
    )["JobId"]

    [said] = eventually(read)
    assert said.pop("Timestamp") > 1_700_000_000_000
    assert said == {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": "StartLabelDetection",
        "JobTag": "mine",
        "Video": {"S3ObjectName": place["Name"], "S3Bucket": place["Bucket"]},
    }


@pytest.mark.parametrize(("key", "body"), [("broken-video.mp4", MP4), ("text.mp4", b"no video at all")])
def test_a_video_that_cannot_be_analysed_fails_its_job(
    local_aws: LocalAws, put: Put, mailbox: Mailbox, key: str, body: bytes
) -> None:
    channel, read = mailbox
    rekognition = local_aws.client("rekognition")

    job = rekognition.start_text_detection(Video=put(key, body), NotificationChannel=channel)["JobId"]

    [said] = eventually(read)
    answer = rekognition.get_text_detection(JobId=job)
    assert said["Status"] == answer["JobStatus"] == "FAILED"
    assert "Unsupported video format" in answer["StatusMessage"]


def test_a_long_answer_comes_in_pages(local_aws: LocalAws, put: Put) -> None:
    rekognition = local_aws.client("rekognition")
    job = rekognition.start_face_detection(Video=put("clip.mp4", MP4))["JobId"]
    early = rekognition.get_face_detection(JobId=job)
    eventually(lambda: rekognition.get_face_detection(JobId=job)["JobStatus"] == "SUCCEEDED")

    first = rekognition.get_face_detection(JobId=job, MaxResults=10)
    second = rekognition.get_face_detection(JobId=job, MaxResults=10, NextToken=first["NextToken"])
    whole = rekognition.get_face_detection(JobId=job)

    assert (early["JobStatus"], early.get("Faces", [])) == ("IN_PROGRESS", [])
    assert first["Faces"] + second["Faces"] == whole["Faces"]
    assert "NextToken" not in second
    with pytest.raises(ClientError, match="InvalidPaginationTokenException"):
        rekognition.get_face_detection(JobId=job, NextToken="forged")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        rekognition.get_text_detection(JobId=job)


def test_a_token_stands_for_one_request(local_aws: LocalAws, put: Put) -> None:
    rekognition, token = local_aws.client("rekognition"), uuid4().hex
    video = put("clip.mp4", MP4)

    first = rekognition.start_content_moderation(Video=video, ClientRequestToken=token)["JobId"]
    again = rekognition.start_content_moderation(Video=video, ClientRequestToken=token)["JobId"]

    assert first == again
    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        rekognition.start_content_moderation(Video=video, ClientRequestToken=token, MinConfidence=70)


def test_no_more_jobs_run_at_a_time_than_the_quota(local_aws: LocalAws, put: Put, limits: Callable[..., Json]) -> None:
    rekognition, video = local_aws.client("rekognition"), put("clip.mp4", MP4)
    limits(video_jobs=1, video_seconds=3)  # longer than the client's own retries

    eventually(lambda: _started(rekognition, video))
    with pytest.raises(ClientError, match="LimitExceededException"):
        rekognition.start_label_detection(Video=video)

    limits(video_jobs=2)
    assert _started(rekognition, video)


def test_a_video_that_is_not_there_starts_no_job(local_aws: LocalAws, put: Put) -> None:
    video = put("clip.mp4", MP4)
    video["S3Object"]["Name"] = "gone.mp4"

    with pytest.raises(ClientError, match="InvalidS3ObjectException"):
        local_aws.client("rekognition").start_label_detection(Video=video)


@pytest.mark.parametrize("analysis", sorted(FINDINGS))
@pytest.mark.parametrize("key", ["clip.mp4", "moderation-example.mp4"])
def test_a_finding_has_the_shape_that_aws_documents(analysis: str, key: str) -> None:
    started = {"Video": {"S3Object": {"Bucket": "b", "Name": key}}, "SegmentTypes": ["SHOT", "TECHNICAL_CUE"]}
    find, listed = FINDINGS[analysis]

    answer = find(started, {"AggregateBy": "SEGMENTS", "SortBy": "NAME"})

    shape = answer_shape(f"Get{analysis}")
    assert ParamValidator().validate(answer, shape).generate_report() == ""
    assert answer.keys() <= shape.members.keys()
    assert len(answer[listed]) > 10 or (analysis == "ContentModeration" and key == "clip.mp4")


def _started(rekognition: Any, video: Json) -> bool:  # noqa: ANN401 - a client
    try:
        rekognition.start_label_detection(Video=video)
    except ClientError:
        return False
    return True
