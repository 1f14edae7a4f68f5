"""The linters that are programs of their own: installed beside this Python, run without a shell."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mlstack.errors import UserError

BIN = Path(sys.prefix) / "bin"


def output(name: str, arguments: Sequence[str], *, cwd: Path, accepted: frozenset[int]) -> str:
    """Run the tool ``name`` and return what it printed; an exit code not ``accepted`` is a UserError."""
    program = BIN / name
    if not program.is_file():
        message = f"{name} is not installed beside this Python; run `make setup`"
        raise UserError(message)
    # A linter must not read the settings in the home of whoever runs it
    environment = {**os.environ, "HOME": os.devnull, "XDG_CONFIG_HOME": os.devnull}
    result = subprocess.run(
        [str(program), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode not in accepted:
        reason = (result.stderr or result.stdout).strip().splitlines() or ["no message"]
        message = f"{name} failed with exit code {result.returncode}: {reason[-1]}"
        raise UserError(message)
    return result.stdout
