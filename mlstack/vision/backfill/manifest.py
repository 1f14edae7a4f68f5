"""The manifest of a backfill: a JSON array of batches, sent to S3 part by part, and there only once it is committed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.vision.backfill.objects import Found, Place

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BATCH = 10
"""Objects of one call of the function; ten keys of the greatest length still fit a state's input of 256 KB."""
PART_BYTES = 8 * 1024 * 1024
TYPE = "application/json"


class Manifest:
    """One manifest that is being written; a context left without a commit, or by an error, leaves nothing behind."""

    def __init__(self, s3: "S3Client", place: Place, *, part_bytes: int = PART_BYTES) -> None:
        self.place = place
        self.batches = 0
        self._s3 = s3
        self._part_bytes = part_bytes
        self._waiting = bytearray(b"[")
        self._upload = ""
        self._parts: list[Any] = []  # as complete_multipart_upload takes them
        self._committed = False

    def __enter__(self) -> Self:
        """Nothing is sent yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Throw away what was sent, unless it was committed and all went well since."""
        bucket, key = self.place.bucket, self.place.path
        try:
            if self._committed and error:
                self._s3.delete_object(Bucket=bucket, Key=key)
            elif self._upload and not self._committed:
                self._s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=self._upload)
        except (BotoCoreError, ClientError):
            return  # the error on its way out says more, and the bucket throws unfinished uploads away after a day

    def write(self, bucket: str, objects: Iterable[Found]) -> None:
        """Add all objects of one bucket, holding no more of them than one part."""
        for batch in _batches(objects):
            text = json.dumps({"bucket": bucket, "objects": [one.described() for one in batch]}, ensure_ascii=False)
            self._waiting += (b",\n" if self.batches else b"\n") + text.encode()
            self.batches += 1
            if len(self._waiting) >= self._part_bytes:
                self._send()

    def commit(self) -> None:
        """End the array and make the manifest appear in the bucket."""
        self._waiting += b"\n]\n"
        bucket, key = self.place.bucket, self.place.path
        if not self._upload:
            self._s3.put_object(Bucket=bucket, Key=key, Body=bytes(self._waiting), ContentType=TYPE)
        else:
            self._send()
            self._s3.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
            )
        self._committed = True

    def _send(self) -> None:
        bucket, key, number = self.place.bucket, self.place.path, len(self._parts) + 1
        if not self._upload:
            self._upload = self._s3.create_multipart_upload(Bucket=bucket, Key=key, ContentType=TYPE)["UploadId"]
        answer: Mapping[str, Any] = self._s3.upload_part(
            Bucket=bucket, Key=key, UploadId=self._upload, PartNumber=number, Body=bytes(self._waiting)
        )
        # S3 wants the checksums back that boto3 had it make of each part.
        proofs = {name: answer[name] for name in answer if name == "ETag" or name.startswith("Checksum")}
        self._parts.append({"PartNumber": number, **proofs})
        self._waiting.clear()


def _batches(objects: Iterable[Found]) -> Iterator[list[Found]]:
    left = iter(objects)
    while batch := list(islice(left, BATCH)):
        yield batch
