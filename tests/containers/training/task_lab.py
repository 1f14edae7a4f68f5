"""Training tasks as ECS runs them: processes that are told by their environment, and an AWS that they reach."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.containers.aws_lab import Aws
from tests.containers.training import warm_lab
from tests.containers.training.training_lab import DATASET, SOURCE, Ended, environment, training_python
from tests.containers.training.warm_lab import Running

RUN = "first-run"
DATASETS, MODELS = "datasets", "models"
OUTPUT, CHECKPOINTS = f"runs/{RUN}/", f"checkpoints/{RUN}/"
CHANNELS = ("train", "validation", "test")


@dataclass(frozen=True)
class Task:
    """One run's tasks, one after the other, each in a folder of its own."""

    aws: Aws
    folder: Path

    @classmethod
    def make(cls, aws: Aws, folder: Path, *channels: str) -> "Task":
        """Put the project's own data set into S3."""
        for name in (DATASETS, MODELS):
            aws.s3.create_bucket(Bucket=name)
        for name in channels or CHANNELS:
            for path in sorted((DATASET / name).rglob("*.jpg")):
                aws.s3.upload_file(str(path), DATASETS, f"waste/{path.relative_to(DATASET).as_posix()}")
        return cls(aws, folder)

    def told(self, place: str, *channels: str, **hyperparameters: str) -> Mapping[str, str]:
        """What a task is told that works in a folder."""
        data = {name: f"s3://{DATASETS}/waste/{name}/" for name in channels or CHANNELS}
        base = self.folder / place
        base.mkdir()
        return {
            **environment(base, **self.aws.environment),
            "TMPDIR": str(base / "tmp"),
            "TRAINING_JOB_NAME": RUN,
            "TASK_DATA": json.dumps(data),
            "TASK_HYPERPARAMETERS": json.dumps(hyperparameters),
            "TASK_OUTPUT": f"s3://{MODELS}/{OUTPUT}",
            "TASK_CHECKPOINTS": f"s3://{MODELS}/{CHECKPOINTS}",
        }

    def begin(self, told: Mapping[str, str]) -> Running:
        """Begin a task."""
        return warm_lab.begin(training_python(), "task", told, source=SOURCE, folder=self.folder)

    def run(self, told: Mapping[str, str]) -> Ended:
        """Run a task to its end."""
        return Ended.of(self.begin(told))

    def keys(self, prefix: str = "") -> list[str]:
        """The keys of the models' bucket."""
        answer = self.aws.s3.list_objects_v2(Bucket=MODELS, Prefix=prefix)
        return [one["Key"].removeprefix(prefix) for one in answer.get("Contents", [])]

    def read(self, name: str) -> bytes:
        """An object of the run's output."""
        return self.aws.s3.get_object(Bucket=MODELS, Key=f"{OUTPUT}{name}")["Body"].read()

    def document(self, name: str) -> Any:  # noqa: ANN401  # JSON
        """A document of the run's output."""
        return json.loads(self.read(name))

    def kind(self, name: str) -> str:
        """What an object of the run's output is said to be."""
        return self.aws.s3.head_object(Bucket=MODELS, Key=f"{OUTPUT}{name}")["ContentType"]
