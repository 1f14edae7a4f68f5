"""The image's own libcuda serves a driver that is older than it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.containers.training.training_lab import SOURCE, environment
from training.compatibility import needed

PROGRAM = """
import os, sys
from pathlib import Path
from training.compatibility import begin_again
before = os.environ.get("LD_LIBRARY_PATH")
begin_again(os.environ, Path(sys.argv[1]), Path(sys.argv[2]))
print(os.getpid(), before, *sys.argv[3:])
"""


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    """As NVIDIA's package cuda-compat lays them."""
    (tmp_path / "compat").mkdir()
    (tmp_path / "compat" / "libcuda.so.1").symlink_to("libcuda.so.580.95.05")
    return tmp_path / "compat"


def driver(folder: Path, version: str) -> Path:
    (folder / "version").write_text(f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Wed Jan 1 2025\n")
    return folder / "version"


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("550.163.01", True), ("580.65.06", True), ("580.95.05", False), ("580.105.08", False), ("610.1", False)],
)
def test_libraries_are_used_with_an_older_driver_alone(
    tmp_path: Path, libraries: Path, version: str, *, wanted: bool
) -> None:
    told = needed({"LD_LIBRARY_PATH": "/usr/lib64"}, libraries, driver(tmp_path, version))

    assert told == (f"{libraries}:/usr/lib64" if wanted else "")


def test_libraries_are_used_once(tmp_path: Path, libraries: Path) -> None:
    found = driver(tmp_path, "550.163.01")

    first = needed({}, libraries, found)

    assert first == str(libraries)
    assert needed({"LD_LIBRARY_PATH": first}, libraries, found) == ""


def test_nothing_is_done_without_a_driver_or_without_libraries(tmp_path: Path, libraries: Path) -> None:
    assert needed({}, libraries, tmp_path / "none") == ""
    assert needed({}, tmp_path / "none", driver(tmp_path, "550.163.01")) == ""


def test_nothing_is_done_where_the_version_is_not_known(tmp_path: Path, libraries: Path) -> None:
    found = driver(tmp_path, "550.163.01")

    (libraries / "libcuda.so.1").unlink()
    (libraries / "libcuda.so.1").write_bytes(b"not a link")

    assert needed({}, libraries, found) == ""


def test_process_begins_again_as_itself_with_the_libraries(tmp_path: Path, libraries: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, "-X", "dev", tmp_path / "program.py", libraries, driver(tmp_path, "550.163.01"), "train"],
        env={"PATH": environment(tmp_path)["PATH"], "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    )

    out, _ = process.communicate()

    assert out.split() == [str(process.pid), str(libraries), "train"]
