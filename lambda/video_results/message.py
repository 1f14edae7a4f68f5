"""What can lie in the queue of results: Rekognition's completion, the sweep's question, or a dead letter sent back."""

import json
from dataclasses import dataclass
from typing import Any

from shared.video_analyses import VIDEO_ANALYSES
from shared.video_jobs import Job


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
            tag, job_id = said["JobTag"], said.get("JobId")
            fits = job is None or (job.tag == tag and job.analysis in VIDEO_ANALYSES)
            if not isinstance(tag, str) or not isinstance(job_id, str | None) or not fits:
                message = "its parts do not fit together"
                raise ValueError(message)
            return cls(tag=tag, job_id=job_id, ended="Status" in said, job=job)
        except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            message = f"not the completion of a video job: {error!r}"
            raise ValueError(message) from error


def question(job: Job) -> str:
    """Ask what became of a job."""
    return json.dumps({"JobTag": job.tag})


def way_back(job: Job) -> str:
    """Everything by which a job's result can be fetched, for a dead letter."""
    return json.dumps({"JobTag": job.tag, "JobId": job.job_id, "Job": job.entry()}, ensure_ascii=False, default=float)
