"""One version of one object, as S3's event names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 1024
"""What S3 allows a key, and DynamoDB a sort key, in bytes of UTF-8."""
LARGEST_OBJECT = 2**63
UNVERSIONED = frozenset({None, "", "null"})
"""Version ids that name no version: S3 gives "null" to every object written while versioning is suspended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """The object version that an event announces.

    The key is taken letter for letter: S3 does not URL-encode it for EventBridge, as it does for its own notifications.
    """

    bucket: str
    key: str
    size: int
    """In bytes."""
    etag: str
    version_id: str | None = None

    @property
    def uri(self) -> str:
        """The object's S3 URI."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def version(self) -> str:
        """What tells this content from earlier and later ones: the version id, or the ETag of an unversioned object."""
        return self.version_id or self.etag

    @property
    def digest(self) -> str:
        """A name for this object version in 64 letters, because a key may already be as long as S3 allows."""
        return hashlib.sha256(f"{self.uri}\n{self.version}".encode()).hexdigest()

    @classmethod
    def from_message(cls, body: str) -> "Photo":
        """Read an EventBridge "Object Created" event of S3; raise ValueError where it is something else.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        try:
            detail: Mapping[str, Any] = json.loads(body)["detail"]
            described = detail["object"]
            version = described.get("version-id")
            return cls(
                bucket=_name(detail["bucket"]["name"]),
                key=_text(described["key"]),
                size=_size(described["size"]),
                etag=_name(described["etag"]),
                version_id=None if version in UNVERSIONED else _name(version),
            )
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            message = f"not an S3 Object Created event: {error!r}"
            raise ValueError(message) from error


def _text(value: object) -> str:
    """The value as it is, where every service takes it as text: a lone surrogate, say, could never be sent."""
    if isinstance(value, str) and 0 < len(value.encode()) <= LONGEST_TEXT:
        return value
    message = f"not a text of 1 to {LONGEST_TEXT} bytes"
    raise ValueError(message)


def _name(value: object) -> str:
    """The value as it is, where it is text that fits into a host name or a header."""
    text = _text(value)
    if text.isascii() and text.isprintable():
        return text
    message = "not printable ASCII"
    raise ValueError(message)


def _size(value: object) -> int:
    """The value as it is, where it is a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_OBJECT:
        return value
    message = "not a number of bytes"
    raise ValueError(message)
