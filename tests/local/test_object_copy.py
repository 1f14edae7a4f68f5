"""Versions are tagged and copied as S3 does it, and a copy is announced."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws


@pytest.fixture
def buckets(local_aws: LocalAws) -> Iterator[tuple[str, str]]:
    """Two versioned buckets; the second tells EventBridge."""
    s3, names = local_aws.client("s3"), (f"from-{uuid4().hex[:8]}", f"to-{uuid4().hex[:8]}")
    for name in names:
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=names[1], NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    yield names
    for name in names:
        for found in s3.list_object_versions(Bucket=name).get("Versions", []):
            s3.delete_object(Bucket=name, Key=found["Key"], VersionId=found["VersionId"])
        s3.delete_bucket(Bucket=name)


@pytest.fixture
def heard(local_aws: LocalAws, buckets: tuple[str, str]) -> Iterator[str]:
    """A queue that hears of new objects in the second bucket."""
    sqs, events, name = local_aws.client("sqs"), local_aws.client("events"), f"heard-{uuid4().hex[:8]}"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps({"Statement": [allow]})})["QueueUrl"]
    pattern = {"detail-type": ["Object Created"], "detail": {"bucket": {"name": [buckets[1]]}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:123456789012:{name}"}])
    yield url
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


def tags(s3: Any, bucket: str, key: str, **version: str) -> dict[str, str]:  # noqa: ANN401 - a client
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket=bucket, Key=key, **version)["TagSet"]}


def test_a_version_is_tagged_and_copied_with_all_it_has(
    local_aws: LocalAws, buckets: tuple[str, str], heard: str
) -> None:
    s3, (source, target), key = local_aws.client("s3"), buckets, "a b/é+%20.png"
    first = s3.put_object(Bucket=source, Key=key, Body=b"first", ContentType="image/png", Metadata={"by": "me"})
    second = s3.put_object(Bucket=source, Key=key, Body=b"second")
    place = {"Bucket": source, "Key": key, "VersionId": first["VersionId"]}

    s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": "verdict", "Value": "flagged"}]})
    s3.copy_object(Bucket=target, Key="same", CopySource=place)
    s3.copy_object(Bucket=target, Key="other", CopySource=place, TaggingDirective="REPLACE", Tagging="a=b")

    copied = s3.get_object(Bucket=target, Key="same")
    assert (copied["Body"].read(), copied["ContentType"], copied["Metadata"]) == (b"first", "image/png", {"by": "me"})
    assert tags(s3, source, key, VersionId=first["VersionId"]) == {"verdict": "flagged"}
    assert tags(s3, source, key, VersionId=second["VersionId"]) == {}
    assert tags(s3, target, "same") == {"verdict": "flagged"}
    assert tags(s3, target, "other") == {"a": "b"}
    messages = local_aws.client("sqs").receive_message(QueueUrl=heard, MaxNumberOfMessages=10)["Messages"]
    details = [json.loads(message["Body"])["detail"] for message in messages]
    assert [(one["object"]["key"], one["reason"]) for one in details] == [
        ("same", "CopyObject"),
        ("other", "CopyObject"),
    ]


def test_a_copy_is_made_only_of_the_content_that_was_seen(local_aws: LocalAws, buckets: tuple[str, str]) -> None:
    s3, (source, target) = local_aws.client("s3"), buckets
    put = s3.put_object(Bucket=source, Key="k", Body=b"x")
    place = {"Bucket": source, "Key": "k"}

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(Bucket=target, Key="k", CopySource=place, CopySourceIfMatch='"0123"')
    refused = "Contents" not in s3.list_objects_v2(Bucket=target)
    s3.copy_object(Bucket=target, Key="k", CopySource=place, CopySourceIfMatch=put["ETag"])

    assert refused
    assert s3.list_objects_v2(Bucket=target)["KeyCount"] == 1
