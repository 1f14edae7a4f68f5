"""How far a job's pages are fetched, kept in the results bucket so that any later delivery goes on from there."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.documents import PREFIX
from shared.fault import code_of
from shared.video_jobs import Job
from video_results.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = f"{PREFIX}video/progress/"


@dataclass(slots=True)
class Progress:
    """The pages before ``page`` are stored and tallied; ``token`` leads to it."""

    page: int = 0
    token: str | None = None
    restarts: int = 0
    """How often Rekognition did not know its own token any more."""
    tally: Tally = field(default_factory=Tally)
    saved_page: int = 0


@dataclass(slots=True)
class ProgressStore:
    """The progress of a job that is being fetched."""

    s3: "S3Client"
    bucket: str
    stored: bool = True
    """Whether something may be there: most jobs are fetched in one go, and what is not there need not be removed."""

    def load(self, job: Job) -> Progress:
        """Where to go on: at the first page, unless an earlier delivery got further with the same job."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=_key(job))
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                self.stored = False
                return Progress()
            raise
        stored: dict[str, Any] = json.loads(answer["Body"].read())
        if stored["job_id"] != job.job_id:
            return Progress()
        tally = Tally.of(stored["tally"])
        return Progress(stored["page"], stored["token"], stored["restarts"], tally, saved_page=stored["page"])

    def save(self, job: Job, progress: Progress) -> None:
        """Keep it for whoever goes on."""
        stored = {
            "job_id": job.job_id,
            "page": progress.page,
            "token": progress.token,
            "restarts": progress.restarts,
            "tally": progress.tally.to_json(),
        }
        body = json.dumps(stored, ensure_ascii=False).encode()
        self.s3.put_object(Bucket=self.bucket, Key=_key(job), Body=body, ContentType="application/json")
        progress.saved_page, self.stored = progress.page, True

    def forget(self, job: Job) -> None:
        """Remove what nobody needs any more."""
        if self.stored:
            self.s3.delete_object(Bucket=self.bucket, Key=_key(job))


def _key(job: Job) -> str:
    return f"{FOLDER}{job.analysis}/{job.thing.digest}.json"
