"""A training as a task of ECS: from S3 and back to it, on capacity that may be taken away."""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import failure, packing
from training.assignment import OUTPUT, Assignment
from training.child import Child
from training.courier import Courier
from training.deadline import Deadline, Later, StoppedError
from training.folders import BASE, Folders
from training.objects import Objects
from training.outcome import CHART, REPORT
from training.packing import ARCHIVE
from training.place import Place
from training.problem import ProblemError
from training.stop import STOPPED, Signalled

TEST = "test"
HOST = "algo-1"
RECORD = "run.json"
FAILURE = "failure"
JSON, TEXT = "application/json", "text/plain; charset=utf-8"
EVALUATION_S = 60
"""How much longer an evaluation may take after SIGTERM: the model is trained, and would be trained once more."""
ENDED = {STOPPED, -signal.SIGTERM}
"""The second before a process of Python has come so far that it hears."""
KILLED = {128 + signal.SIGKILL, -signal.SIGKILL}
NO_MEMORY = (
    "the training was killed: the memory may have run out; use a smaller batch_size or image_size, "
    "or a larger memory_gb or instance type"
)


def run(environment: Mapping[str, str], stop: Signalled) -> int:
    """Do it; the exit code. Raise ProblemError and whatever else goes wrong, with the reason in S3."""
    stop.patient = True
    try:
        return _run(environment, stop)
    except Exception as error:
        _tell(environment, failure.line(error, environment))
        raise


def _run(environment: Mapping[str, str], stop: Signalled) -> int:
    assignment = Assignment.read(environment)
    deadline = Deadline(stop, assignment.max_seconds)
    try:
        return Task.of(assignment, environment, deadline).run()
    except StoppedError as error:
        if stop.asked():
            return STOPPED
        message = (
            f"the task was not done after its {assignment.max_seconds} seconds: "
            "give it a longer max_hours, fewer epochs or a faster instance type"
        )
        raise ProblemError(message) from error


def _tell(environment: Mapping[str, str], reason: str) -> None:
    """Write the reason where the model would lie, if that is known and can be reached."""
    try:
        Objects.of(environment).put(Place.read(OUTPUT, environment.get(OUTPUT)), FAILURE, reason.encode(), TEXT)
    except Exception as error:  # noqa: BLE001  # the first reason is the one to be heard
        sys.stderr.write(f"the reason of the failure is not in S3: {failure.line(error, environment)}\n")


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One task."""

    assignment: Assignment
    environment: Mapping[str, str]
    deadline: Deadline
    objects: Objects
    base: Path
    folders: Folders

    @classmethod
    def of(cls, assignment: Assignment, environment: Mapping[str, str], deadline: Deadline) -> "Task":
        """Prepare its folder."""
        base = Path(environment.get("SAGEMAKER_BASE_DIR") or BASE).absolute()
        # Only the standard places: nothing but this task says where its own training reads and writes.
        told = {name: value for name, value in environment.items() if not name.startswith("SM_")}
        if scratch := environment.get("TMPDIR"):
            Path(scratch).mkdir(parents=True, exist_ok=True)
        return cls(
            assignment=assignment,
            environment=told,
            deadline=deadline,
            objects=Objects.of(environment),
            base=base,
            folders=Folders.read({**told, "SAGEMAKER_BASE_DIR": str(base)}),
        )

    def run(self) -> int:
        """Do it; 0. Raise StoppedError, ProblemError and whatever else goes wrong."""
        assignment = self.assignment
        self._record()
        self._configure()
        self._download()
        checkpoints = self.folders.checkpoints / assignment.run
        with Courier(self.objects, checkpoints, assignment.checkpoints) as courier:
            if restored := courier.restore(self.deadline):
                sys.stderr.write(f"continues from {restored}\n")
            self._train(courier)
            report = self._evaluate() if TEST in assignment.data else self.folders.output_data
            metrics = self._upload(report)
            try:
                courier.clear()
            except ProblemError as error:  # the model is written; what is left costs little
                sys.stderr.write(f"the checkpoints are not deleted: {error}\n")
        sys.stdout.write(f"{json.dumps({'model': assignment.output.uri(ARCHIVE), 'metrics': metrics})}\n")
        sys.stdout.flush()
        return 0

    def _record(self) -> None:
        """Write down what is asked for, where the model will lie: if that cannot be written, it is known at once."""
        told = self.assignment
        document = {
            "run": told.run,
            "data": {name: str(place) for name, place in told.data.items()},
            "hyperparameters": dict(told.hyperparameters),
            "checkpoints": str(told.checkpoints),
        }
        self.objects.put(told.output, RECORD, f"{json.dumps(document, indent=2)}\n".encode(), JSON)

    def _configure(self) -> None:
        """Write what SageMaker would."""
        documents: Mapping[str, object] = {
            "hyperparameters": dict(self.assignment.hyperparameters),
            "inputdataconfig": {name: {"TrainingInputMode": "File"} for name in self.assignment.data},
            "resourceconfig": {"current_host": HOST, "hosts": [HOST]},
        }
        self.folders.config.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            (self.folders.config / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")

    def _download(self) -> None:
        for name, place in self.assignment.data.items():
            folder = self.folders.data / name
            if folder.exists():
                message = f"channel {name}: {folder} is there already; give the task a folder of its own"
                raise ProblemError(message)
            files = place.files(self.objects.listed(place))
            if not files:
                message = f"channel {name}: there is nothing under {place}"
                raise ProblemError(message)
            folder.mkdir(parents=True)
            size, free = sum(one.size for one in files.values()), shutil.disk_usage(folder).free
            if size >= free:
                message = f"channel {name}: it has {size:,} bytes, and the task's disk {free:,}; give it a larger one"
                raise ProblemError(message)
            self.objects.fetch(place, {folder / path: one for path, one in files.items()}, self.deadline)

    def _train(self, courier: Courier) -> None:
        code = Child(self.environment, self.base, self.deadline).run("train", courier.look)
        if code == 0:
            return
        if code in ENDED:
            courier.finish()
            raise StoppedError
        self._failed(code)

    def _evaluate(self) -> Path:
        """Judge the model by the channel test; the folder of the report."""
        base = Path(tempfile.mkdtemp(prefix="processing-", dir=self.base))
        (base / "input").mkdir()
        (base / "input" / "model").symlink_to(self.folders.model)
        (base / "input" / TEST).symlink_to(self.folders.data / TEST)
        told = {**self.environment, "SAGEMAKER_PROCESSING_DIR": str(base)}
        if code := Child(told, self.base, Later(self.deadline, EVALUATION_S)).run("evaluate", lambda: None):
            if self.deadline.asked():
                raise StoppedError
            self._failed(code)
        return base / "output" / "evaluation"

    def _failed(self, code: int) -> None:
        """Raise what the child has left as its reason."""
        told = self.folders.output / FAILURE
        if told.is_file():
            raise ProblemError(told.read_text(encoding="utf-8"))
        raise ProblemError(NO_MEMORY if code in KILLED else f"the training ended with {code}; its log says why")

    def _upload(self, report: Path) -> Mapping[str, float]:
        """The report, then the model; the metrics."""
        archive = Path(tempfile.mkdtemp(prefix="packed-", dir=self.base)) / ARCHIVE
        packing.pack(self.folders.model, archive)
        output = self.assignment.output
        self.objects.send(output, {name: report / name for name in (REPORT, CHART)})
        self.objects.send(output, {ARCHIVE: archive})
        document: Any = json.loads((report / REPORT).read_text(encoding="utf-8"))
        metrics: Mapping[str, float] = document["metrics"]
        return metrics
