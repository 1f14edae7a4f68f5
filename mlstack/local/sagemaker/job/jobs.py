"""The operations that every kind of job has: describe, list, stop, delete."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Generic, TypeVar

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.record import FAILED, Job, JobError
from mlstack.local.sagemaker.registry import INVALID, Refusal, Registry, listing

IN_USE = "ResourceInUse"
NOT_FOUND = "ResourceNotFound"
LACKING = "NotImplemented"
"""None of AWS's codes: what the local AWS has not."""
NOT_STOPPABLE = "The request was rejected because the {words} is in status {status}."
NOT_DELETABLE = "The request was rejected because the {words} is in status {status}; stop it first."
INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."

J = TypeVar("J", bound=Job)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind(Generic[J]):
    """What SageMaker calls one kind of job, and how it tells of it."""

    title: str
    """As in the names of its operations: TrainingJob."""
    arn: str
    words: str
    described: Callable[[J], Json]
    summary: Callable[[J], Json]
    missing: Refusal
    taken: Refusal
    order: str = "Ascending"
    """Of its List operation where nobody asks for one; by botocore's documentation."""
    deletable: bool = True


class Jobs(Generic[J]):
    """The jobs of one kind of one account and region."""

    def __init__(self, hall: Hall, kind: Kind[J]) -> None:
        self.kept: Registry[J] = Registry(hall.place, kind.arn, kind.words, missing=kind.missing, taken=kind.taken)
        self._hall = hall
        self._kind = kind

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        title, deleting = self._kind.title, {f"Delete{self._kind.title}": self._delete}
        return {
            f"Describe{title}": lambda asked: self._kind.described(self._named(asked)),
            f"List{title}s": self._list,
            f"Stop{title}": self._stop,
            **(deleting if self._kind.deletable else {}),
        }

    def run(self, job: J, work: Callable[[], None]) -> None:
        """Do a job's work in a thread of its own; whatever goes wrong ends the job, not the server."""

        def working() -> None:
            try:
                work()
            except JobError as error:
                job.end(FAILED, str(error))
            except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the job and the report tell
                if not self._hall.closed:
                    self._hall.report.fault(f"{self._kind.words} {job.name}: {error!r}")
                job.end(FAILED, INTERNAL)
            self._hall.report.job(job.name, self._kind.words, status=job.status, why=job.why)

        self._hall.report.job(job.name, self._kind.words, status=job.status)
        Thread(target=working, daemon=True).start()

    def _named(self, asked: Json) -> J:
        return self.kept.get(asked[f"{self._kind.title}Name"])

    def _list(self, asked: Json) -> Json:
        kind = self._kind
        return listing(iter(self.kept), asked, kind.summary, f"{kind.title}Summaries", order=kind.order)

    def _stop(self, asked: Json) -> None:
        job = self._named(asked)
        with job.lock:
            if job.over:
                said = NOT_STOPPABLE.format(words=self._kind.words, status=job.status)
                raise ServiceError(INVALID, said)
            job.stop()

    def _delete(self, asked: Json) -> None:
        job = self._named(asked)
        if not job.over:
            raise ServiceError(IN_USE, NOT_DELETABLE.format(words=self._kind.words, status=job.status))
        self.kept.remove(job.name)
