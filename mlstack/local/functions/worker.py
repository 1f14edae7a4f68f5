"""One process of a function: started once, asked many times, killed at the time limit."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

INIT_LIMIT_S = 30.0
"""How long the import may take; Lambda allows 10 s, on a machine that the CDK is busy on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How a function's process is started."""

    command: Sequence[str]
    """The program and its arguments; two descriptors are put after the first ``before`` of them."""
    before: int
    environment: dict[str, str]
    code: Path
    folder: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What an invocation came to."""

    payload: bytes
    error: bool = False
    timeout: bool = False
    alive: bool = True
    log: str = ""
    duration_ms: float = 0.0


class Worker:
    """A process that answers one event after the other."""

    def __init__(self, launch: Launch) -> None:
        self.stream = launch.environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        launch.folder.mkdir(parents=True, exist_ok=True)
        self._log = launch.folder / f"{uuid4().hex}.log"
        inbox, self._events = os.pipe()
        self._answers, outbox = os.pipe()
        arguments = [*launch.command[: launch.before], str(inbox), str(outbox), *launch.command[launch.before :]]
        try:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    arguments,
                    env=launch.environment,
                    cwd=launch.code,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(inbox, outbox),
                    start_new_session=True,
                )
        finally:
            os.close(inbox)
            os.close(outbox)
        self._rest = b""

    def begin(self) -> Outcome | None:
        """Wait until the handler is imported; the outcome if it cannot be."""
        line = self._read(INIT_LIMIT_S)
        if line is None:
            return self._ended(f"Init phase timed out after {INIT_LIMIT_S:.2f} seconds", "Sandbox.Timedout")
        if not line:
            return self._ended("Error: Runtime exited during initialization", "Runtime.ExitError")
        answer = json.loads(line)
        if answer["ok"]:
            return None
        self.stop()
        return Outcome(payload=answer["payload"].encode(), error=True, alive=False, log=self._read_log())

    def ask(self, event: object, arn: str, request_id: str, timeout_s: float) -> Outcome:
        """Send one event and wait for its answer, at most ``timeout_s``."""
        context = {"request_id": request_id, "arn": arn, "timeout_s": timeout_s}
        started = time.monotonic()
        line = b""
        with contextlib.suppress(BrokenPipeError):
            self._write(json.dumps({"event": event, "context": context}).encode() + b"\n")
            line_or_late = self._read(timeout_s)
            if line_or_late is None:
                said = f"Task timed out after {timeout_s:.2f} seconds"
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
                return self._ended(f"{stamp} {request_id} {said}", "Sandbox.Timedout", timeout=True)
            line = line_or_late
        duration = (time.monotonic() - started) * 1000
        if not line:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            how = _how(self._process.poll())
            return self._ended(f"RequestId: {request_id} Error: Runtime exited with error: {how}", "Runtime.ExitError")
        answer = json.loads(line)
        payload = str(answer["payload"]).encode()
        return Outcome(payload=payload, error=not answer["ok"], log=self._read_log(), duration_ms=duration)

    def stop(self) -> None:
        """End the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for descriptor in (self._events, self._answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._events = self._answers = -1

    def close(self) -> None:
        """End the process and remove its log."""
        if self._events != -1:
            self.stop()
        self._log.unlink(missing_ok=True)

    def _ended(self, message: str, kind: str, *, timeout: bool = False) -> Outcome:
        self.stop()
        said: dict[str, Any] = {"errorType": kind, "errorMessage": message}
        log = self._read_log() + message + "\n"
        return Outcome(payload=json.dumps(said).encode(), error=True, timeout=timeout, alive=False, log=log)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._events, data) :]

    def _read(self, limit_s: float) -> bytes | None:
        """One line; nothing if the process is gone; None if the time is over."""
        deadline = time.monotonic() + limit_s
        pieces = [self._rest]
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in pieces[-1]:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return None
                piece = os.read(self._answers, 1 << 16)
                if not piece:
                    return b""
                pieces.append(piece)
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line

    def _read_log(self) -> str:
        text = self._log.read_bytes().decode(errors="replace")
        if text:
            os.truncate(self._log, 0)
        return text


def _how(code: int | None) -> str:
    if code is None:
        return "unknown"
    return f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"
