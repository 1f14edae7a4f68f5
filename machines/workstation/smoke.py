"""Whether the machine's GPU can be used: by the driver's tool, and by the Python of the image where it has one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

VISIBLE = Path(__file__).resolve().with_name("visible.py")
ATTEMPTS = 5
PAUSE_S = float(os.environ.get("MLSTACK_PAUSE_S", "10"))
"""At a first boot the driver may come late."""
DRIVER_S, FRAMEWORK_S = 60.0, 420.0
"""How long a program may take: a new volume reads a framework's gigabytes slowly, out of S3."""
AS_A_PERSON = 'test ! -e "${0%/*}/activate" || . "${0%/*}/activate"; exec "$0" "$@"'
"""In a login shell with the image's environment: where CUDA's libraries are may stand in either."""


def main(gpu: str, python: str) -> int:
    """Say what was found; anything but 0 where a GPU should be and is not."""
    if gpu != "true":
        sys.stdout.write("mlstack: smoke check: no GPU is expected\n")
        return 0
    try:
        found = driver()
        if python:
            found += "; " + _output(["bash", "-lc", AS_A_PERSON, python, "-I", str(VISIBLE)], FRAMEWORK_S)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or "").strip()[-400:]
        sys.stderr.write(f"mlstack: smoke check failed: {error}{': ' + said if said else ''}\n")
        return 1
    sys.stdout.write(f"mlstack: smoke check passed: {found}\n")
    return 0


def driver() -> str:
    """The GPUs that ``nvidia-smi`` lists, at least one; raises where it goes on to list none."""
    for _ in range(ATTEMPTS - 1):
        with suppress(OSError, ValueError, subprocess.SubprocessError):
            return _listed()
        time.sleep(PAUSE_S)
    return _listed()


def _listed() -> str:
    listed = _output(["nvidia-smi", "-L"], DRIVER_S)
    if not listed.startswith("GPU "):
        message = f"nvidia-smi lists no GPU: {listed!r}"
        raise ValueError(message)
    return listed


def _output(command: list[str], timeout_s: float) -> str:
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout_s
    )
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
