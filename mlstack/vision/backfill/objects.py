"""The objects that lie under a prefix of a bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mlstack.errors import UserError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef, ObjectVersionTypeDef

SCHEME = "s3://"
ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


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
    archived: bool = False
    """Whether it must be restored before it can be read."""

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
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=place.bucket, Prefix=place.path, OptionalObjectAttributes=["RestoreStatus"]
    )
    return (_found(one, None) for page in pages for one in page.get("Contents", ()))


def _versions(s3: "S3Client", place: Place) -> Iterator[Found]:
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=place.bucket, Prefix=place.path, OptionalObjectAttributes=["RestoreStatus"]
    )
    versions = (one for page in pages for one in page.get("Versions", ()))
    return (_found(one, version_of(one["VersionId"])) for one in versions if one["IsLatest"])


def _found(one: "ObjectTypeDef | ObjectVersionTypeDef", version_id: str | None) -> Found:
    restored = "RestoreExpiryDate" in one.get("RestoreStatus", {})
    return Found(
        key=one["Key"],
        size=one["Size"],
        etag=one["ETag"].strip('"'),
        version_id=version_id,
        modified=one["LastModified"],
        archived=one.get("StorageClass") in ARCHIVES and not restored,
    )


def version_of(version_id: str) -> str | None:
    """The version id, or None where S3 says "null": the object was put while the bucket kept no versions."""
    return None if version_id in {"", "null"} else version_id
