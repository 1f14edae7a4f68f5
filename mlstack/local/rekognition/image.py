"""The image of a request, read as Rekognition reads it: from S3 or from the request itself, and only JPEG and PNG."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.rekognition.failure import Code, RekognitionError

LARGEST = 15 * 1024 * 1024
LARGEST_IN_REQUEST = 5 * 1024 * 1024
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
UNREADABLE = "Unable to get object metadata from S3. Check object key, region and/or access permissions."

Client = Callable[[str], Any]
"""Gives a client of a service of the local AWS."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image and, where it came from S3, its key."""

    data: bytes
    key: str = ""

    @property
    def digest(self) -> str:
        """The same for the same bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def faces(self) -> int:
        """How many faces it shows: one, unless its key says otherwise."""
        return 0 if "no-face" in self.key else 2 if "two-faces" in self.key else 1

    @property
    def unsafe(self) -> bool:
        """Whether it shows what moderation looks for: its key says so."""
        return "moderation-example" in self.key


def read(image: dict[str, Any], client: Client) -> Picture:
    """The image, or Rekognition's refusal of it."""
    if bool(image.get("Bytes")) == bool(image.get("S3Object")):
        raise RekognitionError(Code.INVALID_PARAMETER, "Request has invalid parameters")
    picture = _inline(image["Bytes"]) if image.get("Bytes") else _stored(image["S3Object"], client)
    if not picture.data.startswith(SIGNATURES):
        raise RekognitionError(Code.INVALID_IMAGE_FORMAT, "Request has invalid image format")
    return picture


def _inline(text: str) -> Picture:
    data = base64.b64decode(text)
    if len(data) > LARGEST_IN_REQUEST:
        message = (
            "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LARGEST_IN_REQUEST}"
        )
        raise RekognitionError(Code.VALIDATION, message)
    return Picture(data)


def _stored(place: dict[str, str], client: Client) -> Picture:
    found = fetch(place, client("s3").get_object)
    if found["ContentLength"] > LARGEST:
        found["Body"].close()
        raise RekognitionError(Code.IMAGE_TOO_LARGE, f"Image size is too large: {found['ContentLength']} bytes")
    return Picture(found["Body"].read(), place["Name"])


def fetch(place: dict[str, str], call: Callable[..., Any], **more: str) -> dict[str, Any]:
    """An object (or its head) of S3, or Rekognition's words for that it cannot be had."""
    wanted = {"Bucket": place.get("Bucket"), "Key": place.get("Name"), "VersionId": place.get("Version")}
    if not wanted["Bucket"] or not wanted["Key"]:
        raise RekognitionError(Code.INVALID_PARAMETER, "Request has invalid parameters")
    try:
        found: dict[str, Any] = call(**{name: value for name, value in wanted.items() if value}, **more)
    except ClientError as error:
        raise RekognitionError(Code.INVALID_S3_OBJECT, UNREADABLE) from error
    return found
