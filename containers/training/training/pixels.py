"""Pictures decoded once, before the training: bytes in one file that all processes of a host map into memory.

A training passes over its pictures many times; decoding them takes longer than anything that a small network does.
The file lies in the system's cache where memory suffices, and on the disk where it does not.
"""

import math
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training import pictures, processors
from training.dataset import Pictures
from training.pictures import UnreadableError
from training.preprocessing import Preprocessing
from training.problem import ProblemError

GIB = 1024**3
SHOWN = 3
AT_ONCE = 1024
VALUES = "values.npy"
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pixels:
    """Decoded pictures."""

    _values: Bytes
    _rows: Numbers
    """Where in the values each picture lies: those that could not be read are left out."""
    labels: Numbers
    """[pictures]."""

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.labels)

    def values(self, numbers: Numbers | slice) -> Bytes:
        """Some of the pictures, from 0 to 255: [pictures, 3, height, width]."""
        found: Bytes = self._values[self._rows[numbers]]
        return found

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What ``decode`` wrote, without reading it yet."""
        values: Bytes = np.load(folder / VALUES, mmap_mode="r")
        rows: Numbers = np.load(folder / "rows.npy")
        labels: Numbers = np.load(folder / "labels.npy")
        return cls(values, rows, labels)


def decode(
    listed: Pictures, preprocessing: Preprocessing, folder: Path, *, channel: str, unreadable_part: float
) -> None:
    """Write the pictures' bytes and labels into ``folder``; raise ProblemError where too many cannot be read."""
    folder.mkdir(parents=True)
    shape = (len(listed), 3, *preprocessing.output)
    _check_space(math.prod(shape), folder, channel)
    values = np.lib.format.open_memmap(folder / VALUES, mode="w+", dtype=np.uint8, shape=shape)
    labels = np.asarray(listed.labels, np.int64)
    reasons = _decode(listed.paths, preprocessing, values)
    _check_readable([reason for reason in reasons if reason], len(listed), channel, unreadable_part)
    rows = np.asarray([row for row, reason in enumerate(reasons) if not reason], np.int64)
    if lost := sorted(set(listed.labels) - set(labels[rows].tolist())):
        path = listed.paths[listed.labels.index(lost[0])]
        message = f"channel {channel}: not one picture of the label {path.parent.name} can be read"
        raise ProblemError(message)
    np.save(folder / "rows.npy", rows)
    np.save(folder / "labels.npy", labels[rows])


def _decode(paths: Sequence[Path], preprocessing: Preprocessing, values: Bytes) -> Sequence[str]:
    """Decode pictures into their rows; why it was not possible for each, empty where it was."""

    def one(row: int) -> str:
        try:
            values[row] = preprocessing.pixels(pictures.read(paths[row], side=max(preprocessing.output)))
        except UnreadableError as error:
            return f"{paths[row].parent.name}/{paths[row].name}: {error}"
        return ""

    pool = ThreadPoolExecutor(processors.count())
    try:
        return [
            reason
            for start in range(0, len(paths), AT_ONCE)
            for reason in pool.map(one, range(start, min(start + AT_ONCE, len(paths))))
        ]
    finally:
        pool.shutdown(cancel_futures=True)


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
