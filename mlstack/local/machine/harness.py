"""Runs one program of a machine: it writes nowhere but in the machine's folder, and ends with the server.

Run as `python -m mlstack.local.machine.harness DESCRIPTOR FOLDER PROGRAM...`; the descriptor is closed when the server
is gone, or wants the program's end.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

from mlstack.local.container.bootstrap import end_with, kill, offspring
from mlstack.local.machine.fence import fence

NULL = Path(os.devnull)
FAILED = 126
MACHINE_PATH = "MLSTACK_MACHINE_PATH"
"""The variable with the PATH that the program gets."""
SUBREAPER = 36
"""Linux's number for: what loses its parent becomes this process's child."""


def main(descriptor: int, folder: Path, program: list[str]) -> int:
    """How the program ended; whatever it left running ends with it."""
    end_with(descriptor)
    is_linux = sys.platform.startswith("linux")
    if is_linux:
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    if not fence([folder], [NULL]) and is_linux:
        sys.stderr.write("this system's kernel fences nothing: the machine is trusted to write in its folder only\n")
    environment = {**os.environ, "PATH": os.environ[MACHINE_PATH]}
    del environment[MACHINE_PATH]
    try:
        done = subprocess.run(program, cwd=folder / "root", env=environment, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    else:
        return done.returncode
    finally:
        kill(offspring(os.getpid()))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
