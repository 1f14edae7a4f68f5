"""Uploads photos to a deployed stage and waits for what its own function makes of them."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from mlstack import deployment
from mlstack.account import Account
from mlstack.text import printable

FINAL = frozenset({"labelled", "refused"})
FAILED, LATE = "failed", "late"
POLL_S = 0.3
HINT = "a new bucket announces its uploads only about five minutes after its deploy, else look at the dead letters"


@dataclass(frozen=True, slots=True)
class Upload:
    """One photo in the media bucket."""

    photo: Path
    uri: str
    version: str
    failed_before: str = ""
    """When the same content failed before, if it did: that is not this upload's verdict."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of one photo."""

    photo: Path
    status: str
    """labelled, refused, failed, or late where nothing was recorded in time."""
    labels: tuple[tuple[str, float], ...] = ()
    """Names with their confidence in percent, best first."""
    reason: str = ""
    document: str = ""
    """The S3 URI of the full response."""


@dataclass(frozen=True, slots=True)
class VisionStage:
    """A deployed vision stack."""

    account: Account
    media_bucket: str
    prefix: str
    table: str

    @classmethod
    def find(cls, account: Account, stage: str) -> "VisionStage":
        """Find it by its outputs; raise UserError where it is not deployed."""
        found = deployment.outputs(account, stage, "Vision")
        return cls(account, found["MediaBucketName"], found["MediaPrefix"], found["LabelsTableName"])

    def upload(self, photo: Path) -> Upload:
        """Put a photo where the stage looks for it, under a key that its content decides: nothing is overwritten."""
        content = photo.read_bytes()
        # Control characters in a key make S3's listings unreadable and its bucket impossible to empty.
        name = printable(photo.name, stand_in="_")
        key = f"{self.prefix}{hashlib.sha256(content).hexdigest()[:12]}/{name}"
        uri = f"s3://{self.media_bucket}/{key}"
        before = self._item(uri, hashlib.md5(content, usedforsecurity=False).hexdigest())
        answer = self.account.client("s3").put_object(Bucket=self.media_bucket, Key=key, Body=content)
        version = answer.get("VersionId") or answer["ETag"].strip('"')
        return Upload(photo, uri, version, before.get("updated_at", "") if before.get("status") == FAILED else "")

    def verdicts(self, uploads: Sequence[Upload], *, patience_s: float) -> Iterator[Verdict]:
        """Each photo's verdict as soon as it is recorded, and the late ones when patience ends."""
        waiting = list(uploads)
        deadline = time.monotonic() + patience_s
        while waiting and time.monotonic() < deadline:
            for upload in list(waiting):
                item = self._item(upload.uri, upload.version)
                failed_now = item.get("status") == FAILED and item["updated_at"] != upload.failed_before
                if failed_now or item.get("status") in FINAL:
                    waiting.remove(upload)
                    yield _verdict(upload.photo, item)
            if waiting:
                time.sleep(POLL_S)
        reason = f"nothing was recorded within {patience_s:.0f} s; {HINT}"
        yield from (Verdict(photo=upload.photo, status=LATE, reason=reason) for upload in waiting)

    def response(self, verdict: Verdict) -> dict[str, Any]:
        """The full Rekognition response of a labelled photo."""
        bucket, _, key = verdict.document.removeprefix("s3://").partition("/")
        body = self.account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        response: dict[str, Any] = json.loads(body)["response"]
        return response

    def _item(self, uri: str, version: str) -> dict[str, Any]:
        key = {"object": {"S": uri}, "version": {"S": version}}
        answer = self.account.client("dynamodb").get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return {name: TypeDeserializer().deserialize(value) for name, value in answer.get("Item", {}).items()}


def _verdict(photo: Path, item: dict[str, Any]) -> Verdict:
    return Verdict(
        photo=photo,
        status=item["status"],
        labels=tuple((label["name"], float(label["confidence"])) for label in item.get("labels", ())),
        reason=item.get("reason", ""),
        document=item.get("document", ""),
    )
