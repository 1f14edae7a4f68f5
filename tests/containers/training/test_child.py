"""The processes of a task."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training import child
from training.child import Child

PROGRAM = "__main__.py"


class Stop:
    """Says yes from the moment that a test wants."""

    def __init__(self, look: Callable[[], bool]) -> None:
        self.asked = look


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], bool]], Child]:
    """A child whose program a test has written."""
    (tmp_path / "source" / "training").mkdir(parents=True)
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(child, "LOOK_S", 0.01)
    monkeypatch.setattr(child, "__file__", str(tmp_path / "source" / "training" / "child.py"))

    def make(program: str, asked: Callable[[], bool] = lambda: False) -> Child:
        (tmp_path / "source" / "training" / PROGRAM).write_text(program, encoding="utf-8")
        (tmp_path / "source" / "training" / "__init__.py").touch()
        return Child({"PATH": "", "PYTHONPATH": "elsewhere"}, tmp_path / "work", Stop(asked), patience_s=0.5)

    return make


def test_child_runs_in_its_folder_and_imports_nothing_from_it(
    made: Callable[..., Child], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work" / "shutil.py").write_text("raise SystemExit(9)")
    program = "import os, shutil, sys; print(os.getcwd(), os.environ['SAGEMAKER_BASE_DIR'], sys.argv[1:]); sys.exit(3)"

    code = made(program).run("train", lambda: None)

    assert code == 3
    assert capfd.readouterr().out.split() == [str(tmp_path / "work"), ".", "['train']"]


def test_child_is_told_once_to_end_and_may_take_its_time(made: Callable[..., Child], tmp_path: Path) -> None:
    program = f"""
import pathlib, signal, sys, time
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
pathlib.Path({str(tmp_path / "ready")!r}).touch()
while not told:
    time.sleep(0.01)
time.sleep(0.1)
sys.exit(140 + len(told))
"""
    looks: list[int] = []

    code = made(program, (tmp_path / "ready").exists).run("train", lambda: looks.append(1))

    assert code == 141
    assert len(looks) > 1


def test_child_that_does_not_end_is_killed(made: Callable[..., Child], tmp_path: Path) -> None:
    program = f"""
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path({str(tmp_path / "ready")!r}).touch()
time.sleep(600)
"""

    code = made(program, (tmp_path / "ready").exists).run("train", lambda: None)

    assert code == -signal.SIGKILL


def test_child_is_run_by_the_same_python(made: Callable[..., Child], capfd: pytest.CaptureFixture[str]) -> None:
    made("import sys; print(sys.executable)").run("train", lambda: None)

    assert capfd.readouterr().out.strip() == sys.executable
