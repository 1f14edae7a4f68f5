"""The worker as it runs in its container: a process of its own, that SIGTERM reaches."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "containers" / "worker"
PATIENCE_S = 30
BUCKET = "traffic"
REQUESTS, ANSWERS, FAILURES = (f"classifier/{name}/" for name in ("requests", "answers", "failures"))


def event(key: str, *, bucket: str = BUCKET, size: int = 1, **thing: object) -> dict[str, Any]:
    """What EventBridge says of an object that was put."""
    described = {"key": key, "size": size, "etag": "0" * 32, "sequencer": "0", **thing}
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"version": "0", "bucket": {"name": bucket}, "object": described, "reason": "PutObject"},
    }


def body(key: str, **thing: Any) -> str:  # noqa: ANN401  # as EventBridge's
    """The same, as a message."""
    return json.dumps(event(key, **thing))


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    lines: list[dict[str, Any]]
    """Of its standard output."""
    said: str
    """On standard error."""


@dataclass
class Worker:
    """A worker that runs."""

    process: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)
    _reader: Thread = field(init=False)

    def __post_init__(self) -> None:
        """Begin to listen to it."""
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(json.loads(line))

    def events(self) -> list[str]:
        """What it has logged so far."""
        return [line["event"] for line in [*self.lines]]

    def stop(self) -> None:
        """SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> Ended:
        """Wait for it."""
        code = self.process.wait(timeout=PATIENCE_S)
        self._reader.join()
        return Ended(code, self.lines, self.process.stderr.read() if self.process.stderr else "")


def environment(told: Mapping[str, str]) -> dict[str, str]:
    """What a worker is told, and nothing of the person's environment that runs the tests."""
    inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {**inherited, "PYTHONPATH": str(SOURCE), "AWS_EC2_METADATA_DISABLED": "true", **told}


@contextmanager
def working(command: str, told: Mapping[str, str]) -> Iterator[Worker]:
    """A worker; it is killed at the end if it has not ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "worker", command],
        env=environment(told),
        cwd=SOURCE,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        worker = Worker(process)
        try:
            yield worker
        finally:
            if process.poll() is None:
                process.kill()
            worker.ended()


def ran(command: str, told: Mapping[str, str]) -> Ended:
    """A worker that ends by itself."""
    with working(command, told) as worker:
        return worker.ended()


def until(look: Callable[[], bool]) -> None:
    """Wait for what must come."""
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError
        time.sleep(0.02)
