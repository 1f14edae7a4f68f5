"""Which checkpoints of a task are to be copied to S3, deleted there, or brought back from there."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from training import checkpoints
from training.place import Found

STATE, BEST = "trainer_state.json", "best_model_checkpoint"
Files = Mapping[str, Found]
"""The objects of a checkpoint by their names in it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now."""

    send: tuple[str, ...]
    """Whole checkpoints that are not in S3 as they are here, the oldest first."""
    drop: tuple[str, ...]
    """Checkpoints in S3 that the training itself has given up."""


def due(whole: Mapping[str, str], lying: Collection[str], sent: Mapping[str, str], there: Collection[str]) -> Due:
    """Decide; ``whole`` and ``sent`` tell one content from another of the same name.

    ``lying`` are all checkpoints here, ``there`` all of which anything is in S3. Nothing is dropped before everything
    is sent, and nothing newer than the newest here: S3 has at any time one to continue from, and the best one.
    """
    send = sorted((name for name, mark in whole.items() if sent.get(name) != mark), key=checkpoints.steps)
    newest = max((checkpoints.steps(name) for name in whole), default=0)
    old = [name for name in there if name not in lying and checkpoints.steps(name) < newest]
    return Due(tuple(send), () if send else tuple(sorted(old, key=checkpoints.steps)))


def grouped(files: Mapping[PurePosixPath, Found]) -> Mapping[str, Files]:
    """The objects of each checkpoint, the newest first; others are left out."""
    found: dict[str, dict[str, Found]] = {}
    for path, one in files.items():
        if len(path.parts) > 1 and checkpoints.steps(path.parts[0]):
            found.setdefault(path.parts[0], {})["/".join(path.parts[1:])] = one
    return {name: found[name] for name in sorted(found, key=checkpoints.steps, reverse=True)}


def is_whole(files: Files, listed: bytes) -> bool:
    """Whether all objects that a checkpoint's list names are there, in their sizes."""
    try:
        named = json.loads(listed)["files"]
        return bool(named) and all(files[name].size == size for name, size in named.items())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return False


def best(state: bytes) -> str | None:
    """The checkpoint that the training, as it was saved, would end with; None where it knows of none."""
    try:
        document: Any = json.loads(state)
        name = PurePosixPath(document[BEST]).name
    except (KeyError, RecursionError, TypeError, ValueError):
        return None
    return name if checkpoints.steps(name) else None
