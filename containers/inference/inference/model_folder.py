"""The folder that a model comes in: its documents, and what is said when it is not right."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

CONFIG = "config.json"


class ModelError(Exception):
    """The model folder cannot be served; the message names the file and what is wrong with it, in one line."""


def document(folder: Path, name: str) -> Mapping[str, object]:
    """A JSON object of the folder; raise ModelError."""
    try:
        value = json.loads(file(folder, name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{name}: cannot be read as JSON: {error}"
        raise ModelError(message) from error
    if not isinstance(value, dict):
        message = f"{name}: not a JSON object"
        raise ModelError(message)
    return value


def file(folder: Path, name: str) -> Path:
    """A file of the folder; raise ModelError where it is missing."""
    path = folder / name
    if not path.is_file():
        there = ", ".join(sorted(entry.name for entry in folder.iterdir())[:10]) if folder.is_dir() else ""
        found = f"there are {there}" if there else "the folder is empty or missing"
        message = f"{name}: not in {folder}; {found}"
        raise ModelError(message)
    return path


def labels(folder: Path) -> Sequence[str]:
    """What the model's outputs are called, in their order: ``id2label`` of the configuration."""
    named = document(folder, CONFIG).get("id2label")
    if not isinstance(named, dict) or not named:
        message = f'{CONFIG}: id2label is missing: {{"0": "first label", "1": "second label"}} and so on'
        raise ModelError(message)
    if set(named) != {str(number) for number in range(len(named))}:
        message = f"{CONFIG}: id2label must number its {len(named)} labels from 0 to {len(named) - 1}"
        raise ModelError(message)
    found = [named[str(number)] for number in range(len(named))]
    if not all(isinstance(label, str) and label for label in found):
        message = f"{CONFIG}: every label in id2label must be a text"
        raise ModelError(message)
    return found
