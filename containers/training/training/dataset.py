"""The pictures of a job: a folder for each label, told apart into those to learn from and those to judge by."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.problem import ProblemError

SUFFIXES = {".jpg", ".jpeg", ".png"}
LEAST_LABELS = 2
Labelled = Mapping[str, Sequence[Path]]
"""The pictures of each label."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Files with the numbers of their labels."""

    paths: Sequence[Path]
    labels: Sequence[int]

    def __len__(self) -> int:
        """How many they are."""
        return len(self.paths)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a job learns from, and what it is judged by."""

    labels: Sequence[str]
    train: Pictures
    validation: Pictures

    @classmethod
    def read(cls, channels: Mapping[str, Path], *, part: float, seed: int) -> "Dataset":
        """List the pictures of the channels; raise ProblemError. ``part`` of train may have to be kept."""
        found = labelled(channels["train"], "train")
        if len(found) < LEAST_LABELS:
            message = f"channel train: there is only one label, {next(iter(found))}; at least two are needed"
            raise ProblemError(message)
        labels = sorted(found)
        if "test" in channels:  # only looked at here, so that a long training does not end with a test that cannot be
            of_labels(labelled(channels["test"], "test"), labels, "test")
        if "validation" in channels:
            return cls(
                labels,
                of_labels(found, labels, "train"),
                of_labels(labelled(channels["validation"], "validation"), labels, "validation"),
            )
        learned, kept = split(found, part=part, seed=seed)
        return cls(labels, of_labels(learned, labels, "train"), of_labels(kept, labels, "validation"))


def labelled(folder: Path, channel: str) -> Labelled:
    """The pictures below each folder of a channel, whose name is the label; raise ProblemError."""
    folders = sorted(entry for entry in folder.iterdir() if _counts(entry)) if folder.is_dir() else []
    if not folders:
        message = f"channel {channel}: there is no folder in it; put the pictures into one folder for each label"
        raise ProblemError(message)
    found = {entry.name: _pictures(entry, channel) for entry in folders}
    if empty := [label for label, pictures in found.items() if not pictures]:
        message = f"channel {channel}: there is no picture (.jpg, .jpeg, .png) in the folder {empty[0]}"
        raise ProblemError(message)
    return found


def of_labels(found: Labelled, labels: Sequence[str], channel: str) -> Pictures:
    """The pictures with their labels' numbers; raise ProblemError for a label that is not one of ``labels``."""
    if unknown := sorted(set(found) - set(labels)):
        message = f"channel {channel}: the model does not know the label {unknown[0]}; it knows {', '.join(labels)}"
        raise ProblemError(message[:500])
    pairs = [(path, labels.index(label)) for label in sorted(found) for path in found[label]]
    return Pictures([path for path, _ in pairs], [number for _, number in pairs])


def split(found: Labelled, *, part: float, seed: int) -> tuple[Labelled, Labelled]:
    """Keep a part of each label's pictures, at least one; the same for the same seed. Raise ProblemError."""
    learned, kept = {}, {}
    for label, pictures in found.items():
        if len(pictures) < 2:  # noqa: PLR2004  # one to learn from and one to judge by
            message = f"channel train: {label} has one picture only; add more, or a channel validation"
            raise ProblemError(message)
        drawn = sorted(pictures)
        Random(f"{seed} {label}").shuffle(drawn)  # noqa: S311  # nothing is secret here
        count = min(len(drawn) - 1, max(1, round(part * len(drawn))))
        kept[label], learned[label] = sorted(drawn[:count]), sorted(drawn[count:])
    return learned, kept


def _pictures(folder: Path, channel: str) -> Sequence[Path]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith((".", "_"))]
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    if len(pictures) < len(files):
        other = next(path for path in files if path.suffix.lower() not in SUFFIXES)
        sys.stderr.write(
            f"channel {channel}: {len(files) - len(pictures)} files in {folder.name} are left out, "
            f"as they are not called .jpg, .jpeg or .png: {other.name} and others\n"
        )
    return pictures


def _counts(entry: Path) -> bool:
    return entry.is_dir() and not entry.name.startswith((".", "_"))
