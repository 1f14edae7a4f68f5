"""The objects that lie under a prefix of a bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mlstack.errors import UserError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SCHEME = "s3://"


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and a prefix, or a key, in it."""

    bucket: str
    path: str

    @classmethod
    def of(cls, uri: str) -> "Place":
        """Read an S3 URI; raise UserError where it is none."""
        bucket, _, path = uri.removeprefix(SCHEME).partition("/")
        if not uri.startswith(SCHEME) or not bucket:
            message = f"{uri!r} is no S3 URI; write s3://BUCKET or s3://BUCKET/PREFIX"
            raise UserError(message)
        return cls(bucket, path)

    @property
    def uri(self) -> str:
        """The S3 URI."""
        return f"{SCHEME}{self.bucket}/{self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The latest version of an object."""

    key: str
    size: int
    etag: str
    """Without quotes, as S3's events have it."""
    version_id: str | None
    """None for an object that was put while the bucket kept no versions."""
    modified: datetime | None
    storage_class: str = "STANDARD"

    def described(self) -> dict[str, str | int]:
        """What a manifest says of it."""
        described: dict[str, str | int] = {"key": self.key, "size": self.size, "etag": self.etag}
        return described | ({"version_id": self.version_id} if self.version_id else {})


def is_versioned(s3: "S3Client", bucket: str) -> bool:
    """Whether the bucket's objects may have version ids."""
    return "Status" in s3.get_bucket_versioning(Bucket=bucket)


def listed(s3: "S3Client", place: Place) -> Iterator[Found]:
    """Ask S3 for every object, page by page; versions too where there are any, because they name what was analysed."""
    if is_versioned(s3, place.bucket):
        return _versions(s3, place)
    return _objects(s3, place)


def _objects(s3: "S3Client", place: Place) -> Iterator[Found]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.path):
        for one in page.get("Contents", ()):
            yield Found(
                key=one["Key"],
                size=one["Size"],
                etag=one["ETag"].strip('"'),
                version_id=None,
                modified=one["LastModified"],
                storage_class=one.get("StorageClass", "STANDARD"),
            )


def _versions(s3: "S3Client", place: Place) -> Iterator[Found]:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=place.bucket, Prefix=place.path):
        for one in page.get("Versions", ()):
            if one["IsLatest"]:
                yield Found(
                    key=one["Key"],
                    size=one["Size"],
                    etag=one["ETag"].strip('"'),
                    version_id=version_of(one["VersionId"]),
                    modified=one["LastModified"],
                    storage_class=one.get("StorageClass", "STANDARD"),
                )


def version_of(version_id: str) -> str | None:
    """The version id, or None where S3 says "null": the object was put while the bucket kept no versions."""
    return None if version_id in {"", "null"} else version_id
