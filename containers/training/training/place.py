"""A place in S3: a prefix, and the objects under it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from training.problem import ProblemError

URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<prefix>.*)", re.DOTALL)
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Found:
    """An object as S3 lists it."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and a prefix, which is empty or ends in a slash: train/ is not meant to hold train-old/."""

    bucket: str
    prefix: str

    @classmethod
    def read(cls, name: str, text: object) -> Self:
        """Read an S3 URI that was told under a name; raise ProblemError."""
        found = URI.fullmatch(text) if isinstance(text, str) else None
        if not found:
            message = f"{name}: an S3 prefix is needed, s3://bucket/prefix/, not {text!r:.{SHOWN}}"
            raise ProblemError(message)
        prefix = found["prefix"]
        return cls(found["bucket"], prefix if not prefix or prefix.endswith("/") else f"{prefix}/")

    def key(self, name: str) -> str:
        """The key of an object under it."""
        return f"{self.prefix}{name}"

    def uri(self, name: str) -> str:
        """The S3 URI of an object under it."""
        return f"s3://{self.bucket}/{self.key(name)}"

    def __str__(self) -> str:
        """Its own S3 URI."""
        return self.uri("")

    def files(self, listed: Iterable[Found]) -> Mapping[PurePosixPath, Found]:
        """Where below a folder each object is to lie; raise ProblemError for one that would lie elsewhere.

        The signs for folders that S3's console leaves, empty and with a slash at their end, are left out.
        """
        return {
            _path(self, one.key): one
            for one in listed
            if one.key != self.prefix and not (one.key.endswith("/") and not one.size)
        }


def _path(place: Place, key: str) -> PurePosixPath:
    name = key.removeprefix(place.prefix)
    parts = name.split("/")
    if not key.startswith(place.prefix) or {"", ".", ".."} & set(parts) or "\0" in name or "\\" in name:
        message = f"{place}: the key {key!r:.{SHOWN}} is no path below a folder; rename the object, or delete it"
        raise ProblemError(message)
    return PurePosixPath(name)
