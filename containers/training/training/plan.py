"""What is found out once on a host before the training, for all its processes."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from training import checkpoints, pixels
from training.architectures import ARCHITECTURES, PRETRAINED
from training.dataset import Dataset
from training.hyperparameters import Hyperparameters
from training.job import Job
from training.pixels import Pixels
from training.preprocessing import Preprocessing

NAME = "plan.json"
DONE, STOPPED_BY = "done", "stop"
"""Files beside it: that the training ended by itself, and that it is to end."""
SCRATCH, STOP_FILE, LAUNCHER = "TRAINING_SCRATCH", "TRAINING_STOP_FILE", "TRAINING_LAUNCHER"
"""Variables that tell the other processes where they are, and who started them."""
TRAIN, VALIDATION = "train", "validation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The labels, and what a checkpoint of this job is known by."""

    folder: Path
    labels: Sequence[str]
    made_with: str
    decoding_s: float
    """How long the pictures took to decode."""

    @classmethod
    def make(cls, job: Job, chosen: Hyperparameters, dataset: Dataset, folder: Path, *, world_size: int) -> Self:
        """Decode the pictures; raise ProblemError."""
        steps = preprocessing(chosen, job.channels)
        started = time.monotonic()
        for name, listed in ((TRAIN, dataset.train), (VALIDATION, dataset.validation)):
            pixels.decode(
                listed,
                steps,
                folder / name,
                channel=name,
                unreadable_part=chosen.unreadable_part,
            )
        plan = cls(
            folder=folder,
            labels=dataset.labels,
            made_with=checkpoints.identity(_settings(chosen, dataset, world_size)),
            decoding_s=time.monotonic() - started,
        )
        document = {"labels": [*plan.labels], "made_with": plan.made_with, "decoding_s": plan.decoding_s}
        (folder / NAME).write_text(json.dumps(document), encoding="utf-8")
        return plan

    @classmethod
    def open(cls, folder: Path) -> Self:
        """What another process of this host has made."""
        document = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return cls(folder=folder, **document)

    def pixels(self, name: str) -> Pixels:
        """The decoded pictures: TRAIN or VALIDATION."""
        return Pixels.open(self.folder / name)


def preprocessing(chosen: Hyperparameters, channels: Mapping[str, Path]) -> Preprocessing:
    """How pictures become this model's numbers; raise ProblemError."""
    if chosen.model == PRETRAINED:
        return Preprocessing.stored(channels[PRETRAINED])
    return Preprocessing.square(chosen.image_size or ARCHITECTURES[chosen.model].image_size)


def _settings(chosen: Hyperparameters, dataset: Dataset, world_size: int) -> Mapping[str, object]:
    pictures = [
        [f"{path.parent.name}/{path.name}" for path in listed.paths] for listed in (dataset.train, dataset.validation)
    ]
    # How many checkpoints there are changes nothing in them.
    told = {name: value for name, value in asdict(chosen).items() if not name.startswith("checkpoint_")}
    return {**told, "processes": world_size, "labels": [*dataset.labels], "pictures": pictures}
