"""The hosts of one attempt of a job: one process each on this one machine, started and ended together."""

import time
from collections.abc import Callable, Mapping
from shutil import rmtree
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from mlstack.local import log_stream
from mlstack.local.container.process import Launch, Process
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.record import Job, JobError

LOOK_S = 0.03
ENDING = "the local AWS is ending"
Heard = Callable[[list[str]], None]
C = TypeVar("C")


class Cluster:
    """Processes by their host's name; leaving the block ends what still runs."""

    def __init__(self, hall: Hall, job: Job, log_group: str, image: str) -> None:
        self._hall = hall
        self._job = job
        self._group = log_group
        self._image = image
        self._stamp = int(time.time() * 1000)
        self._hosts: dict[str, Process] = {}
        self._lock = Lock()
        self._stopped = False
        self.code = 0
        """How it ended by itself: the first host's status that is not 0."""

    def __enter__(self) -> Self:
        """Be ended with the server."""
        with self._hall.lock:
            if self._hall.closed:
                raise JobError(ENDING)
            self._hall.running.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs."""
        self.stop(0)
        with self._hall.lock:
            self._hall.running.discard(self)
        for host, process in self._hosts.items():
            self._hall.report.container(self._stream(host), self._job.name, self._image, None)
            rmtree(process.folder, ignore_errors=True)

    def start(self, launches: Mapping[str, Launch], heard: Heard) -> None:
        """Start every host; ``heard`` is told what the first one prints, the log what each does."""
        for number, (host, launch) in enumerate(launches.items()):
            with self._lock:
                if self._stopped:
                    raise JobError(ENDING)
                process = Process(launch, self._teller(host, heard if number == 0 else None))
                self._hosts[host] = process
            self._hall.report.container(self._stream(host), self._job.name, self._image, process.pid)

    def watch(self, until: Callable[[], C | None]) -> C | None:
        """Wait until every host has ended well, or one has not, or ``until`` says why not to wait."""
        while True:
            codes = [process.code for process in self._hosts.values()]
            if any(codes) or None not in codes:
                self.code = next((code for code in codes if code), 0)
                for process in self._hosts.values():
                    if not process.alive:
                        process.heard_all()
                return None
            cause = until()
            if cause is not None:
                return cause
            time.sleep(LOOK_S)

    def stop(self, grace_s: float | None = None) -> None:
        """Ask every host to end, and end it after the grace."""
        grace = self._hall.limits.stop_seconds if grace_s is None else grace_s
        with self._lock:
            self._stopped = True
            hosts = [*self._hosts.values()]
        for process in hosts:
            process.terminate()
        deadline = time.monotonic() + grace
        for process in hosts:
            process.stop(max(0.0, deadline - time.monotonic()))

    def _stream(self, host: str) -> str:
        return f"{self._job.name}/{host}-{self._stamp}"

    def _teller(self, host: str, heard: Heard | None) -> Heard:
        def tell(lines: list[str]) -> None:
            place = self._hall.place
            log_stream.write(place.account, place.region, self._group, self._stream(host), lines)
            if heard is not None:
                heard(lines)

        return tell
