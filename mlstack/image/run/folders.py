"""The folders of this machine that a container reads and whose files it leaves."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mlstack.errors import UserError
from mlstack.image.run.docker import Command
from mlstack.project import ROOT, WORK
from mlstack.text import printable
from mlstack.training.dataset.channels import INSIDE, TRAIN, gathered

STARTER_ARCHIVE = ROOT / "containers" / "inference" / "starter" / "model.tar.gz"
STARTER = WORK / "starter"
DATA = ROOT / "examples" / "waste" / "dataset"
TRAINED = WORK / "trained"
PARTS = ("model.onnx", "config.json", "preprocessor_config.json")
"""What the server reads of a model's folder."""
LOOKED_AT = 1000
"""So many files at most: the first that cannot be read is enough."""
READ, ENTER = 0o004, 0o001


def existing(path: Path, option: str) -> Path:
    """A folder by its whole path; raise UserError where it is none."""
    found = path.expanduser()
    if not found.is_dir():
        what = "is no folder" if found.exists() else "is not there"
        message = f"{printable(str(path))} {what}; name a folder with {option}"
        raise UserError(message)
    return found.resolve()


def model(path: Path) -> Path:
    """A folder that holds a model; raise UserError where it is none, which the server would say after its build."""
    found = existing(path, "--model")
    missing = [name for name in PARTS if not (found / name).is_file()]
    if missing:
        what = "no model" if len(missing) == len(PARTS) else "half a model"
        shown = printable(str(path))
        message = f"{shown} holds {what}: {', '.join(missing)} must be there; name the folder of a model with --model"
        raise UserError(message)
    return found


def pictures(path: Path, tell: Callable[[str], None]) -> Path:
    """A folder that can be trained on; raise UserError where not, which the training would say after its build."""
    found = existing(path, "--data")
    gathered({TRAIN: str(found)}, own=True, tell=tell)
    return found


def starter() -> list[Command]:
    """Unpack the starter model where everybody on this machine can read it, whatever this shell's umask is."""
    folder = str(STARTER)
    return [
        Command(parts=(("mkdir", "-p", folder),)),
        Command(parts=(("tar", "-xzf", str(STARTER_ARCHIVE), "-C", folder),)),
        Command(parts=(("chmod", "-R", "a+rX", folder),)),
    ]


def channels(data: Path) -> dict[str, Path]:
    """The channels that a folder of pictures comes to: train/, validation/ and test/ in it, or itself."""
    inside = {name: data / name for name in INSIDE if (data / name).is_dir()}
    return inside if TRAIN in inside else {TRAIN: data}


def empty(path: Path) -> Path:
    """A folder for what is fetched; raise UserError where something lies there, which would be mixed with it."""
    found = path.expanduser()
    try:
        taken = found.exists() and (not found.is_dir() or any(found.iterdir()))
    except OSError as error:
        message = f"{printable(str(path))} cannot be looked into: {error.strerror}; name another folder with --to"
        raise UserError(message) from error
    if taken:
        message = f"{printable(str(path))} holds something already; name another folder with --to, or move it away"
        raise UserError(message)
    return found.resolve()


def closed(folder: Path) -> Path | None:
    """The first file that user 10001 cannot read by its mode; None where all can be read, or Docker does not ask."""
    if sys.platform != "linux":
        return None  # Docker Desktop reads as the person does
    for number, path in enumerate(_below(folder)):
        if number >= LOOKED_AT:
            break
        wanted = READ | ENTER if path.is_dir() else READ
        if path.exists() and path.stat().st_mode & wanted != wanted:
            return path
    return None


def _below(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.rglob("*")
