"""One program that runs on a machine, in a session of its own, with what it prints in the machine's log."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlstack.local.machine.harness import MACHINE_PATH
from mlstack.project import ROOT

PATH = "/usr/local/bin:/usr/bin:/bin"
"""What the harness itself needs; the program gets the machine's own."""
MODULE = "mlstack.local.machine.harness"
GRACE_S = 5.0


class Run:
    """A started program."""

    def __init__(
        self, program: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, limit_s: float
    ) -> None:
        held, self._alive = os.pipe()
        self._ends = time.monotonic() + limit_s
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", MODULE, str(held), str(folder), *program],
                    env={**environment, "PATH": PATH, MACHINE_PATH: environment["PATH"]},
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(held,),
                    start_new_session=True,
                )
        except BaseException:
            os.close(self._alive)
            raise
        finally:
            os.close(held)

    @property
    def code(self) -> int | None:
        """How it ended; nothing while it runs. One that takes too long is ended."""
        if time.monotonic() > self._ends:
            self.end()
        return self._process.poll()

    def end(self) -> None:
        """End it with everything that it started, and wait for that."""
        if self._alive != -1:
            os.close(self._alive)
            self._alive = -1
        try:
            self._process.wait(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
