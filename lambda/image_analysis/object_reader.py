"""Reads the header of one object version, piece by piece."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK = 64 * 1024  # holds the header of an ordinary image


@dataclass(slots=True)
class ObjectReader:
    """Reads one object version piece by piece, each twice as long, so that no crafted file takes many requests."""

    s3: "S3Client"
    thing: ObjectVersion
    _start: int = 0
    _chunk: bytes = field(default=b"")
    _length: int = CHUNK

    def __call__(self, offset: int, length: int) -> bytes:
        """Read ``length`` bytes at ``offset``; fewer come back at the end of the object."""
        if offset >= self.thing.size:
            return b""
        end = min(offset + length, self.thing.size)
        if offset < self._start or end > self._start + len(self._chunk):
            self._start, self._chunk = offset, self._fetch(f"bytes={offset}-{offset + self._length - 1}")
            self._length *= 2
        return self._chunk[offset - self._start : end - self._start]

    def _fetch(self, span: str) -> bytes:
        bucket, key, version = self.thing.bucket, self.thing.key, self.thing.version_id
        if version:
            response = self.s3.get_object(Bucket=bucket, Key=key, Range=span, VersionId=version)
        else:
            response = self.s3.get_object(Bucket=bucket, Key=key, Range=span, IfMatch=f'"{self.thing.etag}"')
        return response["Body"].read()
