"""Videos are analysed in jobs: started, announced through SNS when they end, and asked for page by page."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any
from uuid import uuid4

from mlstack.local.rekognition import example
from mlstack.local.rekognition.failure import Code, RekognitionError
from mlstack.local.rekognition.image import Client, fetch
from mlstack.local.rekognition.page import page
from mlstack.local.rekognition.quota import Quota
from mlstack.local.rekognition.video_finding import FINDINGS

Json = dict[str, Any]
Blame = Callable[[str], None]
"""Told of a message that could not be sent."""

LARGEST_PAGE = 1000
SAMPLE = 12
BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
"""How an MP4 or MOV file goes on after its first four bytes."""
IN_PROGRESS, SUCCEEDED, FAILED = "IN_PROGRESS", "SUCCEEDED", "FAILED"
TOO_MANY = "Open Jobs Quota exceeded: at most {most} jobs can be in progress; wait until some have ended"
NO_VIDEO = "Unsupported video format: only MPEG-4 and MOV with H.264 can be analysed"


@dataclass(slots=True)
class Job:
    """One analysis of one video."""

    name: str
    analysis: str
    started: Json
    status: str = IN_PROGRESS
    message: str = ""


class Videos:
    """Every job; safe to use from many threads."""

    def __init__(self, client: Client, quota: Quota, blame: Blame) -> None:
        self._client = client
        self._quota = quota
        self._blame = blame
        self._jobs: dict[str, Job] = {}
        self._tokens: dict[tuple[str, str], Job] = {}
        self._lock = Lock()

    def start(self, analysis: str, asked: Json) -> Json:
        """Start*: the same token gives the same job, and a job more than the quota is refused."""
        fetch(asked["Video"]["S3Object"], self._client("s3").head_object)
        with self._lock:
            job = self._repeated(analysis, asked)
            if job is None:
                job = self._admit(analysis, asked)
        return {"JobId": job.name}

    def get(self, analysis: str, said: Json) -> Json:
        """Get*: one page of what was found, once the job succeeded."""
        job = self._jobs.get(said["JobId"])
        if job is None or job.analysis != analysis:
            raise RekognitionError(Code.RESOURCE_NOT_FOUND, "Could not find JobId")
        answer: Json = {"JobId": job.name, "JobStatus": job.status, "Video": job.started["Video"]}
        if "JobTag" in job.started:
            answer["JobTag"] = job.started["JobTag"]
        if job.status != SUCCEEDED:
            return {**answer, "StatusMessage": job.message} if job.message else answer
        metadata = example.of_guide("VideoMetadata")
        find, listed = FINDINGS[analysis]
        found = find(job.started, said)
        size = min(said.get("MaxResults", LARGEST_PAGE), LARGEST_PAGE)
        found[listed], token = page(found[listed], size, said.get("NextToken"), job.name)
        more = {"NextToken": token} if token else {}
        videos = [metadata] if analysis == "SegmentDetection" else metadata
        return {**answer, "VideoMetadata": videos, **found, **more}

    def _repeated(self, analysis: str, asked: Json) -> Job | None:
        known = self._tokens.get((analysis, asked.get("ClientRequestToken", "")))
        if known is not None and known.started != asked:
            message = "A ClientRequestToken input parameter was reused with an operation, but other parameters differ"
            raise RekognitionError(Code.IDEMPOTENT_PARAMETER_MISMATCH, message)
        return known

    def _admit(self, analysis: str, asked: Json) -> Job:
        limits = self._quota.limits
        if sum(job.status == IN_PROGRESS for job in self._jobs.values()) >= limits.video_jobs:
            raise RekognitionError(Code.LIMIT_EXCEEDED, TOO_MANY.format(most=limits.video_jobs))
        job = Job(hashlib.sha256(uuid4().bytes).hexdigest(), analysis, asked)
        self._jobs[job.name] = job
        if "ClientRequestToken" in asked:
            self._tokens[analysis, asked["ClientRequestToken"]] = job
        timer = Timer(limits.video_seconds, self._end, [job])
        timer.daemon = True
        timer.start()
        return job

    def _end(self, job: Job) -> None:
        job.message = self._trouble(job.started["Video"]["S3Object"])
        job.status = FAILED if job.message else SUCCEEDED
        topic = job.started.get("NotificationChannel", {}).get("SNSTopicArn")
        if topic is None:
            return
        try:
            self._client("sns").publish(TopicArn=topic, Message=json.dumps(announcement(job, time.time())))
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
            self._blame(f"completion of job {job.name} to {topic}: {error}")

    def _trouble(self, place: dict[str, str]) -> str:
        """Why the video cannot be analysed; nothing where it can."""
        try:
            found = fetch(place, self._client("s3").get_object, Range=f"bytes=0-{SAMPLE - 1}")
            start = found["Body"].read()
        except RekognitionError as error:
            return error.message
        return NO_VIDEO if "broken-video" in place["Name"] or start[4:8] not in BOXES else ""


def announcement(job: Job, now: float) -> Json:
    """What Rekognition publishes when a job has ended."""
    place = job.started["Video"]["S3Object"]
    tag = {"JobTag": job.started["JobTag"]} if "JobTag" in job.started else {}
    return {
        "JobId": job.name,
        "Status": job.status,
        "API": f"Start{job.analysis}",
        **tag,
        "Timestamp": int(now * 1000),
        "Video": {"S3ObjectName": place["Name"], "S3Bucket": place["Bucket"]},
    }
