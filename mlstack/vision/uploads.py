"""Uploads photos to a deployed stage and waits for what its own function makes of them."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.vision.results import Outcome, Record, Results
from mlstack.vision.target import Target
from shared.analyses import ENROLMENT, Routes, wanted

ANALYSED, REFUSED, FAILED, LATE = "analysed", "refused", "failed", "late"
POLL_S = 0.3
HINT = "a new bucket announces its uploads only about five minutes after its deploy, else see `mlstack vision redrive`"


@dataclass(frozen=True, kw_only=True, slots=True)
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
    uri: str
    status: str
    """analysed, refused, failed, or late where nothing was recorded in time."""
    analyses: Mapping[str, Outcome] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionStage:
    """A deployed vision stack, as a place to upload to."""

    account: Account
    media_bucket: str
    routes: Routes
    results: Results

    @classmethod
    def find(cls, target: Target) -> "VisionStage":
        """Find it by its outputs; raise UserError where it is not deployed, or takes no images."""
        found = target.outputs()
        if "Routes" not in found:
            message = f"{target.shown} analyses no images; name prefixes in [vision.images] and deploy it"
            raise UserError(message)
        routes = {prefix: tuple(names) for prefix, names in json.loads(found["Routes"]).items()}
        results = Results.find(target.account, target.stage)
        return cls(account=target.account, media_bucket=found["MediaBucketName"], routes=routes, results=results)

    def prefix(self, chosen: str | None = None) -> str:
        """The prefix to upload under: the chosen one, or the first that does not enrol faces.

        Raises:
            UserError: where no analysis looks there.
        """
        usual = [prefix for prefix, names in self.routes.items() if ENROLMENT not in names]
        prefix = chosen if chosen is not None else next(iter(usual), None)
        if prefix is None or not wanted(self.routes, prefix):
            known = ", ".join(repr(one) for one in self.routes)
            message = f"no analysis looks at {prefix!r}; say --prefix with one of {known}"
            raise UserError(message)
        return prefix

    def upload(self, photo: Path, prefix: str) -> Upload:
        """Put a photo where the stage looks for it, under a key that its content decides: nothing is overwritten."""
        content = photo.read_bytes()
        # Control characters in a key make S3's listings unreadable and its bucket impossible to empty.
        name = printable(photo.name, stand_in="_")
        key = f"{prefix}{hashlib.sha256(content).hexdigest()[:12]}/{name}"
        uri = f"s3://{self.media_bucket}/{key}"
        before = self.results.record(uri, hashlib.md5(content, usedforsecurity=False).hexdigest())
        answer = self.account.client("s3").put_object(Bucket=self.media_bucket, Key=key, Body=content)
        version = answer.get("VersionId") or answer["ETag"].strip('"')
        failed_before = before.updated_at if before and before.status == FAILED else ""
        return Upload(photo=photo, uri=uri, version=version, failed_before=failed_before)

    def verdicts(self, uploads: Sequence[Upload], *, patience_s: float) -> Iterator[Verdict]:
        """Each photo's verdict as soon as it is recorded, and the late ones when patience ends."""
        waiting = list(uploads)
        deadline = time.monotonic() + patience_s
        while waiting and time.monotonic() < deadline:
            for upload in list(waiting):
                record = self.results.record(upload.uri, upload.version)
                if record and _is_final(record, upload):
                    waiting.remove(upload)
                    yield _verdict(upload, record)
            if waiting:
                time.sleep(POLL_S)
        reason = f"nothing was recorded within {patience_s:.0f} s; {HINT}"
        yield from (Verdict(photo=one.photo, uri=one.uri, status=LATE, reason=reason) for one in waiting)


def _is_final(record: Record, upload: Upload) -> bool:
    failed_now = record.status == FAILED and record.updated_at != upload.failed_before
    return failed_now or record.status in {ANALYSED, REFUSED}


def _verdict(upload: Upload, record: Record) -> Verdict:
    return Verdict(
        photo=upload.photo, uri=upload.uri, status=record.status, analyses=record.analyses, reason=record.reason
    )
