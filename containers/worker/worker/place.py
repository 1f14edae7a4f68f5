"""A place in S3: an object, or all objects under a prefix."""

import re
from dataclasses import dataclass
from typing import Self

URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.*)", re.DOTALL)


class PlaceError(ValueError):
    """A text that names no place in S3."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and a key, or a bucket and a prefix."""

    bucket: str
    key: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read an S3 URI; raise PlaceError."""
        found = URI.fullmatch(text)
        if not found:
            message = f"an S3 URI is needed, s3://bucket/key, not {text!r:.120}"
            raise PlaceError(message)
        return cls(found["bucket"], found["key"])

    def below(self, name: str) -> "Place":
        """An object under this prefix."""
        return Place(self.bucket, f"{self.key}{name}")

    def within(self, other: "Place") -> bool:
        """Whether it lies under another's prefix."""
        return self.bucket == other.bucket and self.key.startswith(other.key)

    def __str__(self) -> str:
        """The S3 URI."""
        return f"s3://{self.bucket}/{self.key}"
