"""Uploads photos to a deployed stage and waits for what its own function makes of them."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError

from mlstack.account import Account
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.vision import prefixes
from mlstack.vision.film import is_video
from mlstack.vision.results import Outcome, Record, Results
from shared.analyses import Routes

ANALYSED, REFUSED, FAILED, LATE = "analysed", "refused", "failed", "late"
POLL_S = 0.3
VIDEO_LATE = "the video is still being looked at; run the same command again with a longer --timeout"
HINT = "a new bucket announces its uploads only about five minutes after its deploy, else see `mlstack vision redrive`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """One photo or video in the media bucket."""

    photo: Path
    uri: str
    version: str
    failed_before: str = ""
    """When the same content failed before, if it did: that is not this upload's verdict."""
    known_since: str = ""
    """When the same content was analysed or refused before, if it was: that is this upload's verdict."""
    video: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of one photo or video."""

    photo: Path
    uri: str
    status: str
    """analysed, refused, failed, or late where nothing was recorded in time."""
    analyses: Mapping[str, Outcome] = field(default_factory=dict)
    reason: str = ""
    known_since: str = ""
    """When that came of it, where that was before this upload."""
    video: bool = False
    spans: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """From and to which millisecond of a video an analysis saw a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionStage:
    """A deployed vision stack, as a place to upload to."""

    account: Account
    media_bucket: str
    routes: Routes
    results: Results
    videos: Routes = field(default_factory=dict)
    """Which analyses the videos under each prefix get."""
    acts_on_flagged: bool = False
    """Whether something happens to what moderation flags."""

    @classmethod
    def find(cls, target: Target) -> "VisionStage":
        """Find it by its outputs; raise UserError where it is not deployed, or takes neither images nor videos."""
        found = target.outputs("Vision")
        if not {"Routes", "VideoRoutes"} & found.keys():
            message = f"{target.shown} analyses no images; name prefixes in [vision.images] and deploy it"
            raise UserError(message)
        return cls(
            account=target.account,
            media_bucket=found["MediaBucketName"],
            routes=_routes(found, "Routes"),
            videos=_routes(found, "VideoRoutes"),
            acts_on_flagged="ReviewStateMachineArn" in found,
            results=Results.find(target.account, target.stage),
        )

    def place(self, file: Path, chosen: str | None = None) -> str:
        """The prefix to upload a photo or a video under; raise UserError where no analysis looks there."""
        return prefixes.of_video(self.videos, chosen) if is_video(file) else self.prefix(chosen)

    def prefix(self, chosen: str | None = None) -> str:
        """The prefix to upload photos under; raise UserError where no analysis looks there."""
        return prefixes.of_photo(self.routes, self.videos, chosen)

    def upload(self, photo: Path, prefix: str) -> Upload:
        """Put a photo where the stage looks for it, under a key that its content decides: nothing is overwritten."""
        with photo.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        # Control characters in a key make S3's listings unreadable and its bucket impossible to empty.
        key = f"{prefix}{digest[:12]}/{printable(photo.name, stand_in='_')}"
        uri = f"s3://{self.media_bucket}/{key}"
        video = is_video(photo)
        version, before = self._put_video(photo, uri, key) if video else self._put_photo(photo, uri, key)
        return Upload(
            photo=photo,
            uri=uri,
            version=version,
            video=video,
            failed_before=before.updated_at if before and before.status == FAILED else "",
            known_since=before.updated_at if before and before.status in {ANALYSED, REFUSED} else "",
        )

    def _put_photo(self, photo: Path, uri: str, key: str) -> tuple[str, Record | None]:
        """Upload; gives the version, and what was known of the same content before."""
        content = photo.read_bytes()
        before = self.results.record(uri, hashlib.md5(content, usedforsecurity=False).hexdigest())
        answer = self.account.client("s3").put_object(Bucket=self.media_bucket, Key=key, Body=content)
        return _version(answer), before

    def _put_video(self, video: Path, uri: str, key: str) -> tuple[str, Record | None]:
        """The same in parts, since a video may be larger than the memory; its ETag is no digest of it."""
        s3 = self.account.client("s3")
        before = None
        with suppress(ClientError):  # it lies there if it was uploaded before; whoever may not know that uploads it
            lies = s3.head_object(Bucket=self.media_bucket, Key=key)
            before = self.results.record(uri, _version(lies))
        with video.open("rb") as content:
            s3.upload_fileobj(content, self.media_bucket, key)
        return _version(s3.head_object(Bucket=self.media_bucket, Key=key)), before

    def verdicts(self, uploads: Sequence[Upload], *, patience_s: float) -> Iterator[Verdict]:
        """Each photo's verdict as soon as it is recorded, and the late ones when patience ends."""
        waiting = list(uploads)
        deadline = time.monotonic() + patience_s
        while waiting and time.monotonic() < deadline:
            for upload in list(waiting):
                record = self.results.record(upload.uri, upload.version)
                if record and _is_final(record, upload):
                    waiting.remove(upload)
                    yield self._verdict(upload, record)
            if waiting:
                time.sleep(POLL_S)
        reason = f"nothing was recorded within {patience_s:.0f} s; {HINT}"
        for one in waiting:
            yield Verdict(
                photo=one.photo, uri=one.uri, status=LATE, reason=VIDEO_LATE if one.video else reason, video=one.video
            )

    def _verdict(self, upload: Upload, record: Record) -> Verdict:
        spans = {}
        if upload.video:
            found = self.results.findings_of(record)
            spans = {(one.analysis, one.name): (one.first_ms or 0, one.last_ms or 0) for one in found}
        return Verdict(
            photo=upload.photo,
            uri=upload.uri,
            status=record.status,
            analyses=record.analyses,
            reason=record.reason,
            known_since=record.updated_at if record.updated_at == upload.known_since else "",
            video=upload.video,
            spans=spans,
        )


def _is_final(record: Record, upload: Upload) -> bool:
    failed_now = record.status == FAILED and record.updated_at != upload.failed_before
    return failed_now or record.status in {ANALYSED, REFUSED}


def _version(answer: Mapping[str, str]) -> str:
    """What the stage's records call the version that S3 speaks of."""
    return answer.get("VersionId") or answer["ETag"].strip('"')


def _routes(outputs: Mapping[str, str], name: str) -> Routes:
    return {prefix: tuple(names) for prefix, names in json.loads(outputs.get(name, "{}")).items()}
