"""Checkpoints that are known to be whole.

A process may be killed while it writes one, and SageMaker copies the folder to S3 and back while the job runs. So the
last thing written into each is a list of what belongs to it.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from training import outcome
from training.problem import ProblemError

LIST = "complete.json"
PREFIX = "checkpoint-"


def identity(settings: Mapping[str, object]) -> str:
    """What a checkpoint can be continued with: the same hyperparameters, labels and pictures."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def complete(checkpoint: Path, made_with: str) -> None:
    """List the files of a checkpoint that is whole."""
    files = {
        path.relative_to(checkpoint).as_posix(): path.stat().st_size
        for path in sorted(checkpoint.rglob("*"))
        if path.is_file() and path.name != LIST
    }
    outcome.whole(checkpoint / LIST, json.dumps({"made_with": made_with, "files": files}).encode())


def newest(folder: Path, made_with: str) -> Path | None:
    """The whole checkpoint with the most steps, or None; raise ProblemError where it belongs to something else."""
    for checkpoint in reversed(_all(folder)):
        listed = _listed(checkpoint)
        if listed is None:
            sys.stderr.write(f"{checkpoint.name}: left out, as it is not whole\n")
            continue
        if listed != made_with:
            message = (
                f"{folder.name}/{checkpoint.name}: it was made with other hyperparameters, labels or pictures; "
                "use another job name or another place for the checkpoints"
            )
            raise ProblemError(message)
        return checkpoint
    return None


def steps(name: str) -> int:
    """How many steps a checkpoint of this name was made after; 0 for a name that is none of a checkpoint."""
    number = name.removeprefix(PREFIX)
    return int(number) if name.startswith(PREFIX) and number.isascii() and number.isdecimal() else 0


def whole(folder: Path) -> list[Path]:
    """The whole checkpoints of a folder, the oldest first."""
    return [checkpoint for checkpoint in _all(folder) if _listed(checkpoint) is not None]


def _all(folder: Path) -> list[Path]:
    """Everything that is called a checkpoint, the oldest first."""
    found = [entry for entry in folder.iterdir() if steps(entry.name)] if folder.is_dir() else []
    return sorted(found, key=lambda entry: steps(entry.name))


def _listed(checkpoint: Path) -> str | None:
    """What a whole checkpoint was made with; None where it is not whole."""
    try:
        document = json.loads((checkpoint / LIST).read_text(encoding="utf-8"))
        files, made_with = document["files"], document["made_with"]
        sizes = {name: (checkpoint / name).stat().st_size for name in files}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(made_with) if files and sizes == files else None
