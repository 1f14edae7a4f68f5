"""What S3 tells EventBridge about an object, in AWS's words; moto's differ."""

import time
from typing import Any
from uuid import uuid4

from moto.s3 import notifications

from mlstack.local.event_sending import deliver, service_event
from mlstack.local.mend import replace

REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
    "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}


def mend() -> None:
    """Replace moto's event."""
    replace(notifications, "_send_event_bridge_message", _send)


def detail(event_name: str, bucket: Any, key: Any, account: str) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """The event's detail; the key as it is, not encoded as in S3's other notifications."""
    thing: dict[str, Any] = {"key": key.name, "sequencer": f"{time.time_ns():016X}"}
    if "ObjectRemoved" not in event_name:
        thing |= {"size": key.size, "etag": key.etag.replace('"', "")}
    if bucket.is_versioned and key.version_id not in {None, "null"}:
        thing["version-id"] = key.version_id
    said = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": thing,
        "request-id": uuid4().hex[:16].upper(),
        "requester": account,
        "source-ip-address": "127.0.0.1",
        "reason": REASONS.get(event_name, event_name),
    }
    if "ObjectRemoved" in event_name:
        said["deletion-type"] = (
            "Delete Marker Created" if event_name.endswith("DeleteMarkerCreated") else "Permanently Deleted"
        )
    return said


def _send(account_id: str, bucket: Any, event_name: str, key: Any) -> None:  # noqa: ANN401 - moto's own
    said = detail(str(getattr(event_name, "value", event_name)), bucket, key, account_id)
    event = service_event(bucket.arn, "aws.s3", notifications._detail_type(event_name), said)  # noqa: SLF001 - moto's table
    deliver({**event, "account": account_id, "region": bucket.region_name})  # a bucket's ARN names neither
