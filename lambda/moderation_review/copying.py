"""Copies an object inside S3 with its metadata, whatever its size, under the tags that it is to have.

boto3's own managed copy can neither demand that nothing lies at the target, nor set tags and a checksum at once in
every version of it that Lambda may carry.
"""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from moderation_review.content import Content
from moderation_review.place import Place
from moderation_review.tags import Tags, header

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# One CopyObject takes up to 5 GB, but then longer than a call should hang.
PART = 128 * 1024 * 1024
MOST_PARTS = 10_000
AT_ONCE = 8
OVER_PARTS = frozenset({"CRC64NVME", "CRC32C", "CRC32"})
"""The checksums that S3 can compute over a whole object of parts."""


def copy(  # noqa: PLR0913 (a copy is from, to, and how)
    s3: "S3Client", source: Place, content: Content, target: Place, tags: Tags, *, if_free: bool = False
) -> str | None:
    """Copy exactly ``content`` and give the copy's version id; ``if_free`` fails where something lies at the target.

    Raises:
        ClientError: PreconditionFailed where the source is another by now, or the target is not free.
    """
    from_there: Mapping[str, Any] = {"CopySource": source.named, "CopySourceIfMatch": f'"{content.etag}"'}
    described = {**content.headers, "Tagging": header(tags)}
    condition = {"IfNoneMatch": "*"} if if_free else {}
    algorithm = content.checksum[0] if content.checksum else "CRC64NVME"
    if content.size > PART:
        algorithm = algorithm if algorithm in OVER_PARTS else "CRC64NVME"
        return _in_parts(s3, from_there, content.size, target, described | {"ChecksumAlgorithm": algorithm}, condition)
    replaced = {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE", "ChecksumAlgorithm": algorithm}
    answer = s3.copy_object(**cast("Any", {**target.named, **from_there, **described, **replaced, **condition}))
    return answer.get("VersionId")


def _in_parts(  # noqa: PLR0913, PLR0917 (as above)
    s3: "S3Client",
    from_there: Mapping[str, Any],
    size: int,
    target: Place,
    described: Mapping[str, Any],
    condition: Mapping[str, Any],
) -> str | None:
    whole = {"ChecksumType": "FULL_OBJECT"}
    upload = s3.create_multipart_upload(**cast("Any", {**target.named, **described, **whole}))["UploadId"]
    place: Mapping[str, Any] = {**target.named, "UploadId": upload}
    length = max(PART, math.ceil(size / MOST_PARTS))

    def part(number: int) -> "CompletedPartTypeDef":
        span = f"bytes={(number - 1) * length}-{min(number * length, size) - 1}"
        copied = s3.upload_part_copy(**place, **from_there, PartNumber=number, CopySourceRange=span)["CopyPartResult"]
        told = {name: value for name, value in copied.items() if name == "ETag" or name.startswith("Checksum")}
        return cast("CompletedPartTypeDef", told | {"PartNumber": number})

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = list(pool.map(part, range(1, math.ceil(size / length) + 1)))
        done = s3.complete_multipart_upload(
            **place, **condition, **cast("Any", whole), MultipartUpload={"Parts": parts}
        )
    except (BotoCoreError, ClientError):
        _abandon(s3, place)
        raise
    return done.get("VersionId")


def _abandon(s3: "S3Client", place: Mapping[str, Any]) -> None:
    """Let the parts go; where that fails too, the bucket's rule for incomplete uploads does it a day later."""
    try:
        s3.abort_multipart_upload(**place)
    except (BotoCoreError, ClientError):
        return
