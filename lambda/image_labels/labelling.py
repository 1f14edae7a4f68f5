"""Labels one photo: looks at its header in S3, asks Rekognition, stores the full response."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from image_labels import limits
from image_labels.image_header import Header, UnreadableImageError, measure
from image_labels.photo import Photo
from image_labels.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import LabelTypeDef, S3ObjectTypeDef
    from mypy_boto3_s3 import S3Client

CHUNK = 64 * 1024  # holds the header of an ordinary photo


class RefusedError(Exception):
    """The photo will never be labelled; the message says why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is known about a labelled photo."""

    labels: list["LabelTypeDef"]
    header: Header
    document: str
    """The S3 URI of the full response."""


@dataclass(slots=True)
class ObjectReader:
    """Reads one object version piece by piece, each twice as long, so that no crafted file takes many requests."""

    s3: "S3Client"
    photo: Photo
    _start: int = 0
    _chunk: bytes = field(default=b"")
    _length: int = CHUNK

    def __call__(self, offset: int, length: int) -> bytes:
        """Read ``length`` bytes at ``offset``; fewer come back at the end of the object."""
        if offset >= self.photo.size:
            return b""
        end = min(offset + length, self.photo.size)
        if offset < self._start or end > self._start + len(self._chunk):
            self._start, self._chunk = offset, self._fetch(f"bytes={offset}-{offset + self._length - 1}")
            self._length *= 2
        return self._chunk[offset - self._start : end - self._start]

    def _fetch(self, span: str) -> bytes:
        bucket, key, version = self.photo.bucket, self.photo.key, self.photo.version_id
        if version:
            response = self.s3.get_object(Bucket=bucket, Key=key, Range=span, VersionId=version)
        else:
            response = self.s3.get_object(Bucket=bucket, Key=key, Range=span, IfMatch=f'"{self.photo.etag}"')
        return response["Body"].read()


def label(photo: Photo, *, s3: "S3Client", rekognition: "RekognitionClient", settings: Settings) -> Labelled:
    """Label the photo, or raise RefusedError; errors of AWS calls pass through."""
    header = _inspect(photo, s3)
    source: S3ObjectTypeDef = {"Bucket": photo.bucket, "Name": photo.key}
    if photo.version_id:
        source["Version"] = photo.version_id
    response = rekognition.detect_labels(
        Image={"S3Object": source}, MaxLabels=settings.max_labels, MinConfidence=settings.min_confidence
    )
    name = f"{settings.results_prefix}{photo.digest}.json"
    document = {
        "object": photo.uri,
        "version": photo.version,
        "response": {key: value for key, value in response.items() if key != "ResponseMetadata"},
    }
    s3.put_object(
        Bucket=settings.results_bucket,
        Key=name,
        Body=json.dumps(document, ensure_ascii=False).encode(),
        ContentType="application/json",
    )
    return Labelled(response["Labels"], header, f"s3://{settings.results_bucket}/{name}")


def _inspect(photo: Photo, s3: "S3Client") -> Header:
    """Refuse what Rekognition would not take, before it is asked."""
    if reason := limits.refusal_of_size(photo.size):
        raise RefusedError(reason)
    try:
        header = measure(ObjectReader(s3, photo))
    except UnreadableImageError as error:
        raise RefusedError(str(error)) from error
    if reason := limits.refusal_of_header(header):
        raise RefusedError(reason)
    return header
