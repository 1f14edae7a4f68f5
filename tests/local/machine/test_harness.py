"""What a machine starts writes nowhere else, and ends when it shall."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.local.machine.run import Run
from mlstack.project import ROOT
from tests.local.patience import eventually

FENCE = (
    "import sys; from pathlib import Path; from mlstack.local.machine.fence import fence;"
    "sys.exit(0 if fence([Path(sys.argv[1])]) else 3)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "machine/root/tmp").mkdir(parents=True)
    return tmp_path / "machine"


def started(folder: Path, script: str, limit_s: float = 30.0) -> Run:
    environment = {"PATH": os.defpath, "TMPDIR": str(folder / "root/tmp")}
    return Run(["/bin/sh", "-c", script], environment, folder, folder / "log", limit_s)


def code(run: Run) -> int:
    assert eventually(lambda: run.code is not None)
    run.end()
    return run.code or 0


def said(folder: Path) -> str:
    return (folder / "log").read_text()


def alive(pid: int) -> bool:
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def test_what_a_program_prints_is_logged_and_its_code_is_told(folder: Path) -> None:
    assert code(started(folder, "echo out; echo err >&2; pwd; exit 7")) == 7

    assert said(folder) == f"out\nerr\n{folder / 'root'}\n"


def test_a_program_that_is_not_there_fails(folder: Path) -> None:
    run = Run(["/no/such/program"], {"PATH": ""}, folder, folder / "log", 30.0)

    assert code(run) == 126
    assert "/no/such/program" in said(folder)


def test_nothing_is_written_beside_the_folder_of_the_machine(folder: Path, tmp_path: Path) -> None:
    if subprocess.run([sys.executable, "-c", FENCE, str(folder)], cwd=ROOT, check=False).returncode:
        pytest.skip("this system's kernel fences nothing")
    (tmp_path / "mine").write_text("dear")
    mine = tmp_path / "mine"
    script = (
        f"echo x >{mine}; echo x >>{mine}; rm {mine}; mv {mine} {mine}2; mkdir {tmp_path}/d; ln -s a {tmp_path}/l;"
        f"cp {mine} {folder}/root/copy && mv {folder}/root/copy {folder}/moved && echo fine >/dev/null && echo inside"
    )

    assert code(started(folder, script)) == 0

    assert mine.read_text() == "dear"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["machine", "mine"]
    assert (folder / "moved").read_text() == "dear"
    assert said(folder).endswith("inside\n")


def test_an_end_ends_what_left_its_parent_too(folder: Path) -> None:
    run = started(folder, "(setsid sleep 300 & echo $! >pid); sleep 300")
    pid = int(eventually(lambda: _text(folder / "root/pid")))
    before = alive(pid)

    run.end()

    assert before
    assert eventually(lambda: not alive(pid))
    assert run.code is not None


def test_a_program_that_ends_leaves_nothing_running(folder: Path) -> None:
    run = started(folder, "setsid sleep 300 & echo $! >pid")

    assert code(run) == 0

    assert eventually(lambda: not alive(int(_text(folder / "root/pid"))))


def test_a_program_that_takes_too_long_is_ended(folder: Path) -> None:
    run = started(folder, "sleep 300", limit_s=0.1)

    assert code(run) != 0


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
