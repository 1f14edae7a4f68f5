"""What S3 tells of an object without reading it, and whether two objects are the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from moderation_review.place import Place
from shared.fault import code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# HEAD has no body, so its errors are named by their status; 405 is the answer for a delete marker's version.
MISSING = frozenset({"404", "405", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"})
ALGORITHMS = ("CRC64NVME", "CRC32C", "CRC32", "SHA256", "SHA1")
KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)


class Match(Enum):
    """By what two objects are the same."""

    CHECKSUM = "checksum"
    ETAG = "ETag"
    SIZE = "size"
    """Nothing else can be compared: no common checksum over the whole, and an ETag that depends on the parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """An object's content as S3 describes it."""

    etag: str
    size: int
    version_id: str | None
    checksum: tuple[str, str] | None
    """The algorithm and the value over the whole object."""
    headers: Mapping[str, Any]
    """Content type, metadata and the like."""

    @property
    def version(self) -> str:
        """How the pipeline calls this version."""
        return self.version_id or self.etag

    @classmethod
    def at(cls, s3: "S3Client", place: Place) -> "Content | None":
        """What lies at a place; None where nothing does."""
        try:
            head = s3.head_object(**cast("Any", place.named), ChecksumMode="ENABLED")
        except ClientError as error:
            if code_of(error) in MISSING:
                return None
            raise
        told: Mapping[str, Any] = head
        version = told.get("VersionId")
        return cls(
            etag=told["ETag"].strip('"'),
            size=told["ContentLength"],
            version_id=None if version == "null" else version,
            checksum=_whole(told),
            headers={name: told[name] for name in KEPT if told.get(name)},
        )

    def match(self, other: "Content") -> Match | None:
        """By what it is the same as another; None where it is not."""
        if self.size != other.size:
            return None
        if self.checksum and other.checksum and self.checksum[0] == other.checksum[0]:
            return Match.CHECKSUM if self.checksum == other.checksum else None
        if "-" in self.etag + other.etag:
            return Match.SIZE
        return Match.ETAG if self.etag == other.etag else None


def _whole(head: Mapping[str, Any]) -> tuple[str, str] | None:
    """The checksum over the whole object; one over its parts ends in their number."""
    values = ((name, head.get(f"Checksum{name}")) for name in ALGORITHMS)
    return next(((name, value) for name, value in values if value and "-" not in value), None)
