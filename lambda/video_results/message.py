"""What can lie in the queue of results: Rekognition's completion, the sweep's question, or a dead letter sent back."""

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from shared.video_analyses import VIDEO_ANALYSES
from shared.video_jobs import Job

NAME = re.compile(r"[a-zA-Z0-9_.\-:]{1,256}")
"""A tag of ours or a job's id: both are far shorter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What leads to a job."""

    tag: str
    job_id: str | None = None
    ended: bool = False
    """Whether Rekognition itself says that it has ended."""
    job: Job | None = None
    """The whole job, where it may be in flight no more."""

    @classmethod
    def read(cls, body: str) -> "Message":
        """Read a message; raise ValueError where it is something else."""
        try:
            said: dict[str, Any] = json.loads(body)
            job = Job.of(said["Job"]) if "Job" in said else None
            tag, job_id, ended = said["JobTag"], said.get("JobId"), "Status" in said
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            message = f"not the completion of a video job: {error!r}"
            raise ValueError(message) from error
        fits = job is None or (job.tag == tag and job.analysis in VIDEO_ANALYSES)
        if fits and _is_name(tag) and (job_id is None or _is_name(job_id)):
            return cls(tag=tag, job_id=job_id, ended=ended, job=job)
        message = "not the completion of a video job: its parts do not fit together"
        raise ValueError(message)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def question(job: Job) -> str:
    """Ask what became of a job."""
    return json.dumps({"JobTag": job.tag})


def way_back(job: Job) -> str:
    """Everything by which a job's result can be fetched, for a dead letter."""
    entry = replace(job, tries=0, held_until=Decimal(0)).entry()  # nobody's, and as if never tried
    # In ASCII: SQS refuses U+FFFE and the like, which S3 takes in a key.
    return json.dumps({"JobTag": job.tag, "JobId": job.job_id, "Job": entry}, default=float)
