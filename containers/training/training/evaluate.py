"""A processing job: how good a model is on pictures that it has not seen."""

import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np

from training import dataset, outcome, pixels, preprocessing, processors, report, served
from training.pixels import Pixels
from training.preprocessing import Preprocessing
from training.problem import ProblemError
from training.served import Served

BASE = "/opt/ml/processing"
BATCH = 32
UNREADABLE_PART = 0.05
PARTS = (served.GRAPH, served.CONFIG, preprocessing.NAME)


def run(environment: Mapping[str, str]) -> int:
    """Do it; raise ProblemError and whatever else goes wrong."""
    base = Path(environment.get("SAGEMAKER_PROCESSING_DIR") or BASE)
    with tempfile.TemporaryDirectory(prefix="training-") as scratch:
        model = Path(scratch) / "model"
        unpack(base / "input" / "model", model)
        answering = Served.load(model, threads=processors.count())
        steps = Preprocessing.stored(model)
        listed = dataset.of_labels(dataset.labelled(base / "input" / "test", "test"), answering.labels, "test")
        decoded = Path(scratch) / "test"
        pixels.decode(listed, steps, decoded, channel="test", unreadable_part=UNREADABLE_PART)
        test = Pixels.open(decoded)
        answers = [
            answering.logits(steps.numbers(test.values(slice(start, start + BATCH))))
            for start in range(0, len(test), BATCH)
        ]
        made = report.of(np.concatenate(answers), test.labels, answering.labels)
    outcome.write(made, base / "output" / "evaluation")
    for name, value in cast("Mapping[str, float]", made["metrics"]).items():
        sys.stdout.write(f"test:{name}={value:.6f}\n")
    return 0


def unpack(folder: Path, target: Path) -> None:
    """The three files of a model out of model.tar.gz, or out of the folder itself; raise ProblemError."""
    target.mkdir(parents=True)
    archive = folder / "model.tar.gz"
    try:
        if not archive.exists():
            for name in PARTS:
                (target / name).write_bytes((folder / name).read_bytes())
            return
        with tarfile.open(archive) as opened:
            for member in opened:
                name = member.name.removeprefix("./")
                if name in PARTS and member.isfile() and (reader := opened.extractfile(member)):
                    (target / name).write_bytes(reader.read())
    except (OSError, tarfile.TarError, EOFError) as error:
        message = f"the model cannot be unpacked: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ProblemError(message) from error
    if missing := [name for name in PARTS if not (target / name).exists()]:
        message = f"model.tar.gz: {missing[0]} is not in it; {', '.join(PARTS)} are needed"
        raise ProblemError(message)
