"""What a task of ECS is told by its environment: what SageMaker would say in files and folders."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from training.architectures import PRETRAINED
from training.hyperparameters import Hyperparameters
from training.job import CHANNELS, NAME
from training.place import Place
from training.problem import ProblemError

OUTPUT = "TASK_OUTPUT"
LONGEST_S = 28 * 24 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """One training, and where in S3 it reads and writes."""

    run: str
    data: Mapping[str, Place]
    """The channels."""
    hyperparameters: Mapping[str, str]
    output: Place
    checkpoints: Place
    """Of this run alone: what is under it is deleted once the model is written."""
    max_seconds: int | None
    """How long it may take in all; None: as long as it takes."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read and check the variables; raise ProblemError."""
        run = environment.get("TRAINING_JOB_NAME", "")
        if not NAME.fullmatch(run):
            message = (
                f"TRAINING_JOB_NAME: {run!r:.80} is no name of a run; use letters, digits and hyphens between them"
            )
            raise ProblemError(message)
        told = cls(
            run=run,
            data=_data(environment),
            hyperparameters=_hyperparameters(environment),
            output=Place.read(OUTPUT, environment.get(OUTPUT, "")),
            checkpoints=Place.read("TASK_CHECKPOINTS", environment.get("TASK_CHECKPOINTS", "")),
            max_seconds=_seconds(environment.get("TASK_MAX_SECONDS", "").strip()),
        )
        if not told.checkpoints.prefix or told._overlap():
            message = "TASK_CHECKPOINTS: a prefix of its own is needed, as what is under it is deleted at the end"
            raise ProblemError(message)
        # The training would find it too, but only when everything is downloaded.
        Hyperparameters.read(told.hyperparameters, pretrained=PRETRAINED in told.data)
        return told

    def _overlap(self) -> bool:
        """Whether something else lies under the checkpoints' prefix."""
        others = (self.output, *self.data.values())
        return any(
            one.bucket == self.checkpoints.bucket and one.prefix.startswith(self.checkpoints.prefix) for one in others
        )


def _data(environment: Mapping[str, str]) -> Mapping[str, Place]:
    told = _object(environment, "TASK_DATA")
    if unknown := sorted(set(told) - set(CHANNELS)):
        message = f"channel {unknown[0]!r:.60}: there is none of this name; there are {', '.join(CHANNELS)}"
        raise ProblemError(message)
    places = {name: Place.read(f"TASK_DATA: channel {name}", told[name]) for name in CHANNELS if told.get(name)}
    if "train" not in places:
        message = "channel train: it is missing; give it a prefix in S3 with a folder of pictures for each label"
        raise ProblemError(message)
    return places


def _hyperparameters(environment: Mapping[str, str]) -> Mapping[str, str]:
    told = _object(environment, "TASK_HYPERPARAMETERS")
    # People's own tools may write bare numbers.
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}


def _object(environment: Mapping[str, str], name: str) -> Mapping[str, object]:
    try:
        found: object = json.loads(environment.get(name, "").strip() or "{}")
    except (ValueError, RecursionError) as error:
        message = f"{name}: cannot be read as JSON"
        raise ProblemError(message) from error
    if not isinstance(found, dict):
        message = f"{name}: not a JSON object"
        raise ProblemError(message)
    return found


def _seconds(text: str) -> int | None:
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0  # noqa: PLR2004  # far beyond all
    if not 1 <= number <= LONGEST_S:
        message = f"TASK_MAX_SECONDS: a whole number from 1 to {LONGEST_S} is needed, not {text!r:.40}"
        raise ProblemError(message)
    return number
