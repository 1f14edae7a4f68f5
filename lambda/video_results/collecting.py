"""Fetches a job's result page by page: every page is stored and tallied, and only one is in memory at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError

from shared import clock
from shared.call import paced
from shared.come_again import ComeAgainError
from shared.documents import PREFIX, Documents
from shared.fault import code_of
from shared.pace import Pace
from shared.video_analyses import VIDEO_ANALYSES
from shared.video_jobs import Job
from video_results.progress import Progress, ProgressStore
from video_results.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

LARGEST_PAGE = 1000
PAGES_BETWEEN_SAVES = 20
"""What a function that dies must fetch again at most."""
TIME_TO_END = timedelta(seconds=120)
"""Left for one more page, its findings and the record."""
MOST_RESTARTS = 3
GO_ON_S = 1.0
IN_PROGRESS, FAILED = "IN_PROGRESS", "FAILED"


@dataclass(frozen=True, slots=True)
class Running:
    """The job has not ended."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Rekognition could not do it, and says why."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """All pages are stored."""

    tally: Tally
    pages: int
    document: str
    """The S3 URI of the first."""
    video: Mapping[str, Any]
    """What Rekognition says of the video itself, in the record's names."""


class TokenLostError(Exception):
    """Rekognition keeps forgetting where in the pages it was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collector:
    """The services that fetching needs."""

    rekognition: "RekognitionClient"
    documents: Documents
    progress: ProgressStore
    pace: Pace
    per_second: float
    until: datetime
    """When the work must be over."""

    def collect(self, job: Job) -> Running | Refused | Fetched:
        """Fetch every page that is not stored yet.

        Raises:
            ComeAgainError: where the time does not suffice; what is fetched is kept.
            TokenLostError: where it can never be completed.
            ClientError, BotoCoreError: what the services refused.
        """
        progress = self.progress.load(job)
        while True:
            try:
                return self._go_on(job, progress)
            except ClientError as error:
                if code_of(error) != "InvalidPaginationTokenException":
                    raise
                if progress.restarts == MOST_RESTARTS:
                    message = f"{MOST_RESTARTS} times a page could not be found again: {error}"
                    raise TokenLostError(message) from error
                # A token lives for a day. The pages of an ended job are the same each time: what is stored stays right.
                progress = Progress(restarts=progress.restarts + 1)
                self.progress.save(job, progress)

    def _go_on(self, job: Job, progress: Progress) -> Running | Refused | Fetched:
        for page in self._pages(job, progress):
            if page["JobStatus"] == IN_PROGRESS:
                return Running()
            if page["JobStatus"] == FAILED:
                return Refused(
                    f"Rekognition could not analyse it: {page.get('StatusMessage') or 'it does not say why'}"
                )
            self._keep(job, progress.page, page)
            progress.tally.add(VIDEO_ANALYSES[job.analysis].seen(page))
            progress.page += 1
            progress.token = page.get("NextToken")
            if progress.token is None:
                break
        return Fetched(
            tally=progress.tally,
            pages=progress.page,
            document=f"s3://{self.documents.bucket}/{_key(job, 0)}",
            video=_video(page),
        )

    def _pages(self, job: Job, progress: Progress) -> Iterator[dict[str, Any]]:
        """One page after the other, at the API's rate, as long as there is time."""
        api = VIDEO_ANALYSES[job.analysis].get
        method = getattr(self.rekognition, xform_name(api))
        while True:
            if clock.now() + TIME_TO_END > self.until:
                self._save(job, progress)
                message = f"{job.tag}: {progress.page} pages are fetched, and time is over"
                raise ComeAgainError(message, seconds=GO_ON_S)
            if progress.page - progress.saved_page >= PAGES_BETWEEN_SAVES:
                self.progress.save(job, progress)
            asked = {"JobId": job.job_id, "MaxResults": LARGEST_PAGE}
            asked |= {"NextToken": progress.token} if progress.token else {}
            try:
                yield paced(
                    lambda asked=asked: method(**asked),  # type: ignore[misc]
                    api,
                    pace=self.pace,
                    per_second=self.per_second,
                    until=self.until,
                )
            except ComeAgainError:
                self._save(job, progress)
                raise

    def _save(self, job: Job, progress: Progress) -> None:
        if progress.page != progress.saved_page:
            self.progress.save(job, progress)

    def _keep(self, job: Job, number: int, page: Mapping[str, Any]) -> None:
        response = {name: value for name, value in page.items() if name not in {"ResponseMetadata", "NextToken"}}
        named = {"object": job.thing.uri, "version": job.thing.version, "analysis": job.analysis, "page": number}
        self.documents.write(_key(job, number), named | {"response": response})


def _key(job: Job, page: int) -> str:
    return f"{PREFIX}video/{job.analysis}/{job.thing.digest}/{page:05d}.json"


def _video(page: Mapping[str, Any]) -> dict[str, Any]:
    """Format, size and length; segments tell them of each stream."""
    told = page.get("VideoMetadata") or {}
    first = told[0] if isinstance(told, list) else told
    names = {"format": "Format", "width": "FrameWidth", "height": "FrameHeight", "duration_ms": "DurationMillis"}
    return {name: first[theirs] for name, theirs in names.items() if theirs in first}
