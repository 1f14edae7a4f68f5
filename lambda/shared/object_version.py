"""One version of one object, as S3's event names it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_KEY = 1024
"""What S3 allows a key, in bytes of UTF-8."""
LONGEST_NAME = 900
"""What DynamoDB allows a sort key is 1,024 bytes, and an entry of the results table adds to the version."""
LARGEST_OBJECT = 2**63
UNVERSIONED = ("", "null")
"""Version ids that name no version: S3 gives "null" to every object written while versioning is suspended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectVersion:
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

    def to_message(self, analyses: Sequence[str] = ()) -> str:
        """The event that announces it, for a queue that S3 itself did not tell, and which ``analyses`` it shall get."""
        described = {"key": self.key, "size": self.size, "etag": self.etag}
        if self.version_id:
            described["version-id"] = self.version_id
        detail: dict[str, object] = {"bucket": {"name": self.bucket}, "object": described}
        if analyses:
            detail["analyses"] = list(analyses)
        # In ASCII: SQS refuses U+FFFE and the like, which S3 takes in a key.
        return json.dumps({"source": "mlstack.vision", "detail-type": "Object Created", "detail": detail})

    @classmethod
    def of(cls, bucket: object, key: object, size: object, etag: object, version_id: object = None) -> "ObjectVersion":
        """One from parts of unknown origin; raise ValueError where a part is not what S3 would say."""
        return cls(
            bucket=_name(bucket),
            key=_text(key, LONGEST_KEY),
            size=_size(size),
            etag=_name(etag),
            version_id=None if version_id is None or version_id in UNVERSIONED else _name(version_id),
        )

    @classmethod
    def from_message(cls, body: str) -> "ObjectVersion":
        """Read an EventBridge "Object Created" event of S3; raise ValueError where it is something else.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        """
        try:
            detail: Mapping[str, Any] = json.loads(body)["detail"]
            found = detail["object"]
            return cls.of(detail["bucket"]["name"], found["key"], found["size"], found["etag"], found.get("version-id"))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            message = f"not an S3 Object Created event: {error!r}"
            raise ValueError(message) from error


def _text(value: object, longest: int = LONGEST_NAME) -> str:
    """The value as it is, where every service takes it as text: a lone surrogate, say, could never be sent."""
    if isinstance(value, str) and 0 < len(value.encode()) <= longest:
        return value
    message = f"not a text of 1 to {longest} bytes"
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
