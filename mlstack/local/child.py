"""A child process that ends when whoever waits for it is told to end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from types import FrameType

GRACE_S = 5.0
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_with_us(process: subprocess.Popen[str]) -> Iterator[None]:
    """End a child that leads a session of its own, with its children, where the block is left by an error or a signal.

    A Ctrl-C is an error already; SIGTERM and SIGHUP become one here, where the main thread waits.
    """
    here = current_thread() is main_thread()
    before = {number: signal.signal(number, _exit) for number in SIGNALS} if here else {}
    try:
        yield
    except BaseException:
        _end(process)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _end(process: subprocess.Popen[str]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_S)
