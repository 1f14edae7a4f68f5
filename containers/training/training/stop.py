"""How a job that runs learns that it is to end: SageMaker sends SIGTERM, and kills 120 seconds later."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Protocol

STOPPED = 128 + signal.SIGTERM
"""The exit code. Not 0, which would say that the model is ready."""


class Stop(Protocol):
    """Whether the job is to end."""

    def asked(self) -> bool:
        """Whether it is."""


class Signalled:
    """A process that SIGTERM reaches: it ends at once, or, while it trains, as soon as a checkpoint is written."""

    def __init__(self) -> None:
        self._asked = False
        self.patient = False
        """Whether somebody looks at ``asked`` again and again."""
        signal.signal(signal.SIGTERM, self._take)

    def asked(self) -> bool:
        """Whether SIGTERM came."""
        return self._asked

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        sys.stderr.write("SIGTERM: the job ends\n")
        if not self.patient:
            sys.exit(STOPPED)


class Told:
    """A process of several: the one that started them leaves a file, or is gone."""

    def __init__(self, file: Path, launcher: int) -> None:
        self._file, self._launcher = file, launcher

    def asked(self) -> bool:
        """Whether it did."""
        if self._file.exists():
            return True
        try:
            os.kill(self._launcher, 0)
        except ProcessLookupError:
            return True
        return False
