"""The Python of Amazon Linux 2023, where this machine has it; else the one that runs the tests."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

OLDEST = (3, 9)
OURS = sys.executable
"""Before a test gives the agent another one."""
LOOK = "import sys; print(*sys.version_info[:2])"


@cache
def oldest() -> str:
    """The path of an interpreter that starts."""
    name = f"python{OLDEST[0]}.{OLDEST[1]}"
    kept = (Path.home() / ".pyenv" / "versions").glob(f"{OLDEST[0]}.{OLDEST[1]}.*/bin/{name}")
    for path in (shutil.which(name), *map(str, kept)):
        if path and _version(path) == f"{OLDEST[0]} {OLDEST[1]}":
            return path
    return OURS


def _version(path: str) -> str:
    return subprocess.run([path, "-c", LOOK], capture_output=True, text=True, check=False).stdout.strip()
