"""What every job is: a named thing with a status that ends, times, and the reason if it failed."""

import time
from dataclasses import dataclass, field
from threading import Event, RLock

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.registry import Record

IN_PROGRESS, STOPPING = "InProgress", "Stopping"
COMPLETED, FAILED, STOPPED = "Completed", "Failed", "Stopped"
ENDED = frozenset({COMPLETED, FAILED, STOPPED})
LONGEST_REASON = 1024


class JobError(Exception):
    """Why a job fails, as its FailureReason says it."""


@dataclass(kw_only=True)
class Job(Record):
    """One job."""

    status: str = IN_PROGRESS
    started: float | None = None
    ended: float | None = None
    why: str = ""
    stop_asked: Event = field(default_factory=Event)
    lock: RLock = field(default_factory=RLock)

    @property
    def over(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in ENDED

    @property
    def log_stream(self) -> str:
        """How the names of its log streams begin."""
        return f"{self.name}/"

    def begin(self) -> None:
        """It has its instances."""
        self.started = self.started or time.time()
        self.touch()

    def stop(self) -> None:
        """Somebody wants it to end; whoever runs it looks at that."""
        with self.lock:
            if not self.over:
                self.status = STOPPING
                self.stop_asked.set()
                self.touch()

    def end(self, status: str, why: str = "") -> None:
        """It is over; the status last, because whoever sees it reads the rest."""
        with self.lock:
            if self.over:
                return
            self.why = why[:LONGEST_REASON]
            self.ended = time.time()
            self.touch()
            self.status = status

    def times(self, title: str) -> Json:
        """When it began and ended, as far as it has, by the names that begin with ``title``."""
        said = {f"{title}StartTime": self.started, f"{title}EndTime": self.ended, "FailureReason": self.why or None}
        return {name: value for name, value in said.items() if value is not None}

    def asked_for(self) -> Json:
        """What its request said, without what only tags it."""
        return {name: value for name, value in self.said.items() if name != "Tags"}
