"""Training jobs as SageMaker runs them: a process in a folder of its own, told by files, stopped by SIGTERM."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.containers.training import warm_lab
from tests.containers.training.warm_lab import Running

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "containers" / "training"
DATASET = ROOT / "examples" / "waste" / "dataset"
LABELS = ("compost", "landfill", "recycling")
PYTHON = ROOT / ".venv-training" / "bin" / "python"
PATIENCE_S = 240


def training_python() -> Path:
    """The interpreter that has torch."""
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON.relative_to(ROOT)} is missing: run `make setup`, which makes it")
    return PYTHON


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    code: int
    lines: Sequence[str]
    """Of its standard output."""
    said: str
    """On standard error."""

    @classmethod
    def of(cls, running: Running) -> "Ended":
        """Wait for it."""
        code = running.wait(PATIENCE_S)
        return cls(code, running.out.splitlines(), running.said)

    def metric(self, name: str) -> list[float]:
        """All values of a metric."""
        return [float(line.partition("=")[2]) for line in self.lines if line.startswith(f"{name}=")]


@dataclass(frozen=True)
class Job:
    """A job's folder."""

    base: Path

    @classmethod
    def make(cls, base: Path, channels: Mapping[str, Path] | None = None, **hyperparameters: str) -> "Job":
        """Set one up, with the project's own data set if nothing else is given."""
        given = {name: DATASET / name for name in ("train", "validation")} if channels is None else channels
        (base / "input" / "config").mkdir(parents=True)
        for name, folder in given.items():
            shutil.copytree(folder, base / "input" / "data" / name)
        job = cls(base)
        job.tell("hyperparameters", hyperparameters)
        job.tell("inputdataconfig", {name: {"TrainingInputMode": "File"} for name in given})
        job.tell("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"})
        return job

    def tell(self, name: str, document: object) -> None:
        """Write one of SageMaker's documents."""
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")

    def begin(self, command: str = "train", **told: str) -> Running:
        """Begin it."""
        # Named as it is on every host: they have the same folders, and not the same disks.
        given = {**environment(self.base, **told), "SAGEMAKER_BASE_DIR": self.base.name}
        return warm_lab.begin(training_python(), command, given, source=SOURCE, folder=self.base.parent)

    def run(self, *, stop_after: int = 0, command: str = "train", **told: str) -> Ended:
        """Run it to its end; with ``stop_after`` it gets SIGTERM once so many epochs were judged."""
        running = self.begin(command, **told)
        while stop_after and running.alive:
            if running.out.count("validation:accuracy=") >= stop_after:
                running.stop()
                break
            time.sleep(0.02)
        return Ended.of(running)

    def refused(self, command: str = "train", **told: str) -> str:
        """Run it, in an environment without torch, and give the one line that it fails with."""
        run = subprocess.run(
            [sys.executable, "-m", "training", command],
            cwd=SOURCE,
            env=environment(self.base, **told),
            capture_output=True,
            text=True,
            check=False,
        )
        ended = Ended(run.returncode, run.stdout.splitlines(), run.stderr)
        failure = (self.base / "output" / "failure").read_text(encoding="utf-8")
        if ended.code != 1 or "\n" in failure or ended.said.splitlines()[-1] != failure or "Traceback" in ended.said:
            raise AssertionError(ended)
        return failure

    @property
    def model(self) -> Path:
        """The model folder."""
        return self.base / "model"

    def pack(self, target: Path) -> None:
        """What SageMaker makes of the model folder."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(target, "w:gz") as archive:
            for path in sorted(self.model.iterdir()):
                archive.add(path, path.name)

    def checkpoints(self, name: str = "local") -> list[str]:
        """The names of the checkpoints."""
        return sorted(path.name for path in (self.base / "checkpoints" / name).iterdir())


def environment(base: Path, **told: str) -> dict[str, str]:
    """What a job is told, and nothing of the person's environment that runs the tests."""
    inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    # One thread: other tests run beside, and threads that wait for each other make both slow.
    return {**inherited, "PYTHONPATH": str(SOURCE), "SAGEMAKER_BASE_DIR": str(base), "OMP_NUM_THREADS": "1", **told}


def channel(folder: Path, labels: Mapping[str, int], *, side: int = 8) -> Path:
    """A channel with so many plain pictures of each label."""
    for number, (label, count) in enumerate(labels.items()):
        (folder / label).mkdir(parents=True)
        for index in range(count):
            Image.new("RGB", (side, side), (90 * number, 10 * index, 0)).save(folder / label / f"{index:02}.png")
    return folder
