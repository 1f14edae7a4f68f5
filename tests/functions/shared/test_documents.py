"""Documents: every answer in full, under a name that any key can have."""

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared.documents import Documents
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THING = ObjectVersion(bucket="media", key="../é 😀" + "x" * 1000, size=1, etag="e", version_id="v1")
ANSWER: dict[str, Any] = {"Labels": [{"Name": "Café 🦊", "Confidence": 99.25072479248047}]}


@pytest.fixture
def s3() -> "S3Client":
    return boto3.client("s3")


@pytest.fixture
def documents(aws: None, s3: "S3Client") -> Documents:  # noqa: ARG001 (moto must run)
    s3.create_bucket(Bucket="results")
    return Documents(s3, "results")


def test_answer_is_given_back_as_it_was_stored(documents: Documents) -> None:
    uri = documents.put(THING, "labels", ANSWER | {"ResponseMetadata": {"RequestId": "1"}})

    assert uri == documents.uri(THING, "labels") == f"s3://results/vision/labels/{THING.digest}.json"
    assert documents.get(THING, "labels") == ANSWER


def test_document_says_what_it_is_about_in_utf8(documents: Documents, s3: "S3Client") -> None:
    documents.put(THING, "labels", ANSWER)

    stored = s3.get_object(Bucket="results", Key=documents.key(THING, "labels"))
    raw = stored["Body"].read()

    assert json.loads(raw) == {"object": THING.uri, "version": "v1", "analysis": "labels", "response": ANSWER}
    assert "Café 🦊".encode() in raw
    assert stored["ContentType"] == "application/json"


def test_answer_that_found_nothing_is_an_answer(documents: Documents) -> None:
    documents.put(THING, "people", {})

    assert documents.get(THING, "people") == {}


def test_answer_that_nobody_stored_is_none(documents: Documents) -> None:
    documents.put(THING, "labels", ANSWER)
    other = ObjectVersion(bucket="media", key=THING.key, size=1, etag="e", version_id="v2")

    assert (documents.get(THING, "faces"), documents.get(other, "labels")) == (None, None)


def test_bucket_that_may_not_be_read_is_an_error_and_no_missing_answer(s3: "S3Client") -> None:
    with Stubber(s3) as script:
        script.add_client_error("get_object", "AccessDenied", http_status_code=403)

        with pytest.raises(ClientError, match="AccessDenied"):
            Documents(s3, "results").get(THING, "labels")
