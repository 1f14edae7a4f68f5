"""Pictures decoded once, before the training: bytes in one file that all processes of a host map into memory.

A training passes over its pictures many times; decoding them takes longer than anything that a small network does.
The file lies in the system's cache where memory suffices, and on the disk where it does not.
"""

import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training import pictures
from training.dataset import Pictures
from training.pictures import UnreadableError
from training.preprocessing import Preprocessing
from training.problem import ProblemError

GIB = 1024**3
SHOWN = 3
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pixels:
    """Decoded pictures."""

    values: Bytes
    """[pictures, 3, height, width], from 0 to 255."""
    labels: Numbers
    """[pictures]."""

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.labels)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What ``decode`` wrote, without reading it yet."""
        values: Bytes = np.load(folder / "values.npy", mmap_mode="r")
        labels: Numbers = np.load(folder / "labels.npy")
        return cls(values, labels)


def decode(
    listed: Pictures, preprocessing: Preprocessing, folder: Path, *, channel: str, unreadable_part: float, threads: int
) -> None:
    """Write the pictures' bytes and labels into ``folder``; raise ProblemError where too many cannot be read."""
    folder.mkdir(parents=True)
    height, width = preprocessing.output
    _check_space(len(listed) * 3 * height * width, folder, channel)
    values = np.lib.format.open_memmap(
        folder / "values.npy", mode="w+", dtype=np.uint8, shape=(len(listed), 3, height, width)
    )
    labels, reasons = [], []
    with ThreadPoolExecutor(threads) as pool:
        read = pool.map(lambda path: _pixels(path, preprocessing), listed.paths)
        for path, label, found in zip(listed.paths, listed.labels, read, strict=True):
            if isinstance(found, UnreadableError):
                reasons.append(f"{path.parent.name}/{path.name}: {found}")
                continue
            values[len(labels)] = found
            labels.append(label)
    _check_readable(reasons, len(listed), channel, unreadable_part)
    if lost := sorted(set(listed.labels) - set(labels)):
        path = next(path for path, label in zip(listed.paths, listed.labels, strict=True) if label == lost[0])
        message = f"channel {channel}: not one picture of the label {path.parent.name} can be read"
        raise ProblemError(message)
    values.flush()
    np.save(folder / "labels.npy", np.asarray(labels, np.int64))


def _pixels(path: Path, preprocessing: Preprocessing) -> Bytes | UnreadableError:
    try:
        return preprocessing.pixels(pictures.read(path, side=max(preprocessing.output)))
    except UnreadableError as error:
        return error


def _check_readable(reasons: Sequence[str], count: int, channel: str, unreadable_part: float) -> None:
    for reason in reasons[:SHOWN]:
        sys.stderr.write(f"channel {channel}: left out: {reason}\n")
    if len(reasons) > SHOWN:
        sys.stderr.write(f"channel {channel}: left out: {len(reasons) - SHOWN} more\n")
    if len(reasons) > unreadable_part * count:
        message = (
            f"channel {channel}: {len(reasons)} of {count} pictures cannot be read, more than the hyperparameter "
            f"unreadable_part ({unreadable_part:g}) allows: {'; '.join(reasons[:SHOWN])}"
        )
        raise ProblemError(message)


def _check_space(size: int, folder: Path, channel: str) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        message = (
            f"channel {channel}: its pictures need {size / GIB:.1f} GiB on the disk and {free / GIB:.1f} GiB are "
            "free; give the job a larger volume, or a smaller image_size"
        )
        raise ProblemError(message)
