"""How a process learns that it is to end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from training.stop import STOPPED, Signalled, Told


@pytest.fixture
def signalled() -> Iterator[Signalled]:
    """A process that takes SIGTERM, and then does as before."""
    before = signal.getsignal(signal.SIGTERM)
    yield Signalled()
    signal.signal(signal.SIGTERM, before)


def test_sigterm_ends_a_process_that_does_not_train(signalled: Signalled) -> None:
    with pytest.raises(SystemExit) as ended:
        os.kill(os.getpid(), signal.SIGTERM)

    assert ended.value.code == STOPPED == 143
    assert signalled.asked()


def test_sigterm_waits_for_a_process_that_trains(signalled: Signalled) -> None:
    signalled.patient = True

    before = signalled.asked()
    os.kill(os.getpid(), signal.SIGTERM)

    assert not before
    assert signalled.asked()


def test_process_of_several_is_told_by_a_file(tmp_path: Path) -> None:
    stop = Told(tmp_path / "stop", os.getpid())

    before = stop.asked()
    (tmp_path / "stop").touch()

    assert not before
    assert stop.asked()


def test_process_of_several_ends_when_nobody_waits_for_it(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    assert Told(tmp_path / "stop", gone.pid).asked()
