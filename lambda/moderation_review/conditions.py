"""The conditions of S3's writes, sent as plain headers.

S3 learned them one after the other, and the SDK that Lambda carries may be older than the last of them: it would refuse
the parameter before anything is sent.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADERS: Mapping[str, str] = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}
WRITES = ("CompleteMultipartUpload", "CopyObject", "DeleteObject")


def as_headers(s3: "S3Client") -> "S3Client":
    """Let the client take ``IfMatch`` and ``IfNoneMatch`` of these writes, whatever its own model knows."""
    for operation in WRITES:
        s3.meta.events.register_first(f"before-parameter-build.s3.{operation}", _take)
        s3.meta.events.register_first(f"before-call.s3.{operation}", _send)
    return s3


def _take(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["conditions"] = {header: params.pop(name) for name, header in HEADERS.items() if name in params}


def _send(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["headers"].update(context["conditions"])
