"""A message of the queue, read: which object somebody has put there to be answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from worker.place import Place

KIND = "Object Created"
LONGEST_KEY = 1024
"""What S3 allows a key, in bytes of UTF-8."""
SUFFIX = ".json"
UNVERSIONED = ("", "null")


class Flaw(StrEnum):
    """What is wrong with a message."""

    EVENT = "no event of S3"
    KIND = "another kind of event"
    PLACE = "another bucket or prefix"
    KEY = "a key too long to name an answer after"


class NotARequestError(Exception):
    """A message that nobody here can answer; what it says is not repeated, as anybody may have sent it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """An object to be answered."""

    place: Place
    name: str
    """Its key without the prefix; what the answer is named after."""
    version_id: str | None = None
    empty: bool = False
    """Whether the event says that there is nothing in it."""

    @property
    def folder(self) -> bool:
        """Whether it is but the sign for a folder that S3's console leaves; there is nothing to answer."""
        return self.empty and (not self.name or self.name.endswith("/"))


def read(body: str, requests: Place, *, longest_prefix: int) -> Request:
    """Read a message; raise NotARequestError. ``longest_prefix`` is that of the answers or failures, in bytes.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    try:
        event: Mapping[str, Any] = json.loads(body)
        if event["detail-type"] != KIND:
            raise NotARequestError(Flaw.KIND)
        detail = event["detail"]
        bucket, thing = detail["bucket"]["name"], detail["object"]
        key, version, size = thing["key"], thing.get("version-id"), thing.get("size")
        length = len(key.encode())  # fails for a lone surrogate, which no request to S3 could name
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise NotARequestError(Flaw.EVENT) from error
    if not isinstance(bucket, str) or not isinstance(key, str) or not isinstance(version, str | None):
        raise NotARequestError(Flaw.EVENT)
    place = Place(bucket, key)
    if not place.within(requests):
        raise NotARequestError(Flaw.PLACE)
    name = key.removeprefix(requests.key)
    if length > LONGEST_KEY or longest_prefix + len(name.encode()) + len(SUFFIX) > LONGEST_KEY:
        raise NotARequestError(Flaw.KEY)
    if version is not None and not (version.isascii() and version.isprintable()):
        raise NotARequestError(Flaw.EVENT)
    return Request(
        place=place,
        name=name,
        version_id=None if version in UNVERSIONED else version,
        empty=size == 0 and not isinstance(size, bool),
    )
