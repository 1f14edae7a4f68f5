"""Begins Rekognition's jobs for one video, each once, as many as there are places for."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.call import paced
from shared.come_again import ComeAgainError
from shared.fault import Fault, code_of, fault_of, reason_of
from shared.ledger import REFUSED, Outcome, seconds
from shared.object_version import ObjectVersion
from shared.pace import Pace
from shared.verdict import Outcomes
from shared.video_analyses import VIDEO_ANALYSES
from shared.video_jobs import Job, VideoJobs
from shared.video_record import VideoRecord
from video_start import limits
from video_start.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

TOO_MANY_JOBS = "LimitExceededException"


class NoVideoError(Exception):
    """No analysis will ever take the object; the message says why."""


class FullError(Exception):
    """As many jobs as the account may have are in flight; the message says how many."""


class UnstartedError(Exception):
    """Some analyses need a person first; the message says what for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Starter:
    """The services that a start needs, and what it is about."""

    rekognition: "RekognitionClient"
    record: VideoRecord
    jobs: VideoJobs
    pace: Pace
    settings: Settings
    wanted: tuple[str, ...]
    lost: int
    """How many jobs of this video Rekognition has lost: what follows must not look like one of them."""
    until: datetime
    """When the work must be over."""

    def start(self, names: Sequence[str], outcomes: Outcomes) -> Outcomes:
        """Have a job in flight for each of ``names``, or an outcome; give all outcomes.

        Raises:
            FullError, ComeAgainError, ClientError, BotoCoreError: the rest must wait; what is in flight stays so.
            UnstartedError: where a permission or setting is missing for some; the others are in flight.
        """
        unstarted = []
        for name in names:
            job = Job(thing=self.record.thing, analysis=name, wanted=self.wanted, started_at=seconds(clock.now()))
            try:
                outcome = self._start(job)
            except (BotoCoreError, ClientError) as error:
                if fault_of(error) is not Fault.PARK:
                    raise
                unstarted.append(f"{name}: {reason_of(error)}")
                continue
            outcomes = self.record.note(name, outcome) if outcome else outcomes
        if unstarted:
            raise UnstartedError("; ".join(unstarted))
        return outcomes

    def _start(self, job: Job) -> Outcome | None:
        """Begin one job that is not in flight; its outcome where Rekognition refuses it for good."""
        entered = self.jobs.enter(job, most=self.settings.jobs)
        if entered is None:
            message = f"{self.settings.jobs} jobs are in flight already"
            raise FullError(message)
        job, fresh = entered
        if job.job_id:
            return None
        if fresh and job.analysis in self.record.outcomes():  # it ended since this delivery looked
            self.jobs.withdraw(job)
            return None
        try:
            job_id = self._ask(job)
        except (FullError, ComeAgainError):
            self.jobs.withdraw(job)
            raise
        except (BotoCoreError, ClientError) as error:
            fault = fault_of(error)
            if fault is not Fault.RETRY:  # else Rekognition may have begun it; its place is kept until that is known
                self.jobs.withdraw(job)
            if fault is Fault.REFUSE:
                return {"status": REFUSED, "reason": reason_of(error)}
            raise
        self.jobs.started(job, job_id)
        return None

    def _ask(self, job: Job) -> str:
        analysis = VIDEO_ANALYSES[job.analysis]
        request = self._request(job)
        method = getattr(self.rekognition, xform_name(analysis.start))

        def ask() -> dict[str, Any]:
            try:
                answer: dict[str, Any] = method(**request)
            except ClientError as error:
                if code_of(error) != TOO_MANY_JOBS:
                    raise
                # To wait for a job's end inside the function, as for the rate of calls, would cost more than to leave.
                message = f"the account has no place for another job: {reason_of(error)}"
                raise FullError(message) from error
            return answer

        until, rate = self.until, self.settings.per_second
        job_id: str = paced(ask, analysis.start, pace=self.pace, per_second=rate, until=until)["JobId"]
        return job_id

    def _request(self, job: Job) -> dict[str, Any]:
        thing, settings = job.thing, self.settings
        version = {"Version": thing.version_id} if thing.version_id else {}
        request = {
            "Video": {"S3Object": {"Bucket": thing.bucket, "Name": thing.key} | version},
            "JobTag": job.tag,
            "NotificationChannel": {"SNSTopicArn": settings.topic_arn, "RoleArn": settings.role_arn},
        } | VIDEO_ANALYSES[job.analysis].request(settings.options.get(job.analysis, {}))
        # Rekognition gives the same job for the same token, and refuses one that comes with another request.
        said = json.dumps([request, thing.version, self.lost], sort_keys=True)
        return request | {"ClientRequestToken": hashlib.sha256(said.encode()).hexdigest()}


def check(thing: ObjectVersion, s3: "S3Client") -> None:
    """Refuse what is no video, before it costs anything."""
    reason = limits.refusal_of_size(thing.size) or limits.refusal_of_content(_head(thing, s3))
    if reason:
        raise NoVideoError(reason)


def _head(thing: ObjectVersion, s3: "S3Client") -> bytes:
    span = f"bytes=0-{limits.HEAD - 1}"
    if thing.version_id:
        response = s3.get_object(Bucket=thing.bucket, Key=thing.key, Range=span, VersionId=thing.version_id)
    else:
        response = s3.get_object(Bucket=thing.bucket, Key=thing.key, Range=span, IfMatch=f'"{thing.etag}"')
    return response["Body"].read()
