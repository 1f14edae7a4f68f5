"""One version of one object, as S3's event names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
            return cls(
                bucket=detail["bucket"]["name"],
                key=described["key"],
                size=int(described["size"]),
                etag=described["etag"],
                version_id=described.get("version-id"),
            )
        except (KeyError, TypeError, ValueError) as error:
            message = f"not an S3 Object Created event: {error!r}"
            raise ValueError(message) from error
