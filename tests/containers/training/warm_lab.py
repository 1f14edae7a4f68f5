"""A process that has imported torch and transformers already, and becomes one job after another by forking.

Importing takes 6 seconds, as long as the rest of a small job; what a job does after that is all its own.
"""

import atexit
import functools
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

PROGRAM = """
import json, os, signal, sys
from training import __main__ as program, evaluate, exporting, fitting, preprocessing, task, train, worker
preprocessing.Preprocessing.square(64)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    told = json.loads(line)
    if number := os.fork():
        print(number, flush=True)
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["environment"])
    os.dup2(os.open(told["files"] + "/out", os.O_WRONLY | os.O_CREAT), 1)
    os.dup2(os.open(told["files"] + "/said", os.O_WRONLY | os.O_CREAT), 2)
    try:
        code = program.main([told["command"]], os.environ)
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    with open(told["files"] + "/code.part", "w") as file:
        file.write(str(code))
    os.rename(told["files"] + "/code.part", told["files"] + "/code")
    os._exit(0)
"""


@dataclass(frozen=True)
class Running:
    """A job that has begun."""

    number: int
    files: Path = field(repr=False)

    @property
    def out(self) -> str:
        """Its standard output so far."""
        path = self.files / "out"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def said(self) -> str:
        """Its standard error so far."""
        path = self.files / "said"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return Path(f"/proc/{self.number}").exists()

    def stop(self) -> None:
        """SIGTERM."""
        os.kill(self.number, signal.SIGTERM)

    def wait(self, patience_s: float) -> int:
        """Its exit code."""
        until = time.monotonic() + patience_s
        while self.alive and time.monotonic() < until:
            time.sleep(0.02)
        if self.alive:
            os.kill(self.number, signal.SIGKILL)
        code = self.files / "code"
        return int(code.read_text(encoding="utf-8")) if code.exists() else -1


@functools.cache
def _warm(python: Path, source: Path) -> tuple[IO[str], IO[str]]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [python, "-c", PROGRAM], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if not process.stdin or not process.stdout:
        raise AssertionError
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    return process.stdin, process.stdout


def begin(python: Path, command: str, environment: Mapping[str, str], *, source: Path, folder: Path) -> Running:
    """Begin a job in a folder."""
    asks, answers = _warm(python, source)
    files = Path(mkdtemp(prefix=".ran-", dir=folder))
    told = {"command": command, "environment": environment, "cwd": str(folder), "files": str(files)}
    asks.write(f"{json.dumps(told)}\n")
    asks.flush()
    return Running(int(answers.readline()), files)
