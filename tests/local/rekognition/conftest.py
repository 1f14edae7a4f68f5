"""A bucket with pictures and videos, and a collection, for the local Rekognition."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws

PNG = b"\x89PNG\r\n\x1a\n"
MP4 = b"\x00\x00\x00\x18ftypmp42"
Put = Callable[..., dict[str, Any]]


@pytest.fixture
def put(local_aws: LocalAws) -> Iterator[Put]:
    """Puts an object and gives it as Rekognition takes it."""
    s3, bucket = local_aws.client("s3"), f"pictures-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)

    def put(key: str, body: bytes = PNG) -> dict[str, Any]:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        return {"S3Object": {"Bucket": bucket, "Name": key}}

    yield put
    for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"])
    s3.delete_bucket(Bucket=bucket)


@pytest.fixture
def collection(local_aws: LocalAws) -> Iterator[str]:
    name = f"collection-{uuid4().hex[:8]}"
    local_aws.client("rekognition").create_collection(CollectionId=name)
    yield name
    local_aws.client("rekognition").delete_collection(CollectionId=name)


@pytest.fixture
def limits(local_aws: LocalAws) -> Iterator[Callable[..., dict[str, Any]]]:
    """Sets Rekognition's quotas until the test ends."""
    before = local_aws.rekognition_limits()
    yield local_aws.rekognition_limits
    local_aws.rekognition_limits(**before)
