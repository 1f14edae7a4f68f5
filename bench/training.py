"""Pictures trained on in a second, by the training container's code and by a plain script with the same Trainer."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "containers" / "training"
PYTHON = ROOT / ".venv-training" / "bin" / "python"
PLAIN = ROOT / "bench" / "plain_trainer.py"
DATASET = ROOT / "examples" / "waste" / "dataset"
RATE = re.compile(r"images_per_second=([0-9.]+)")
MODEL, LABELS, EPOCHS, BATCH_SIZE, SEED = "tiny-resnet", 3, 30, 32, 1
"""Both judge the validation pictures and write a checkpoint after each epoch; neither varies the pictures."""

sys.path[:0] = [str(SOURCE)]

from training.architectures import ARCHITECTURES  # noqa: E402  # the container's folder is on the path only now


@dataclass(frozen=True, slots=True)
class Rates:
    """The same network on the same pictures; decoding them is part of the time, importing torch is not.

    Each is the best of its rounds: whatever else a machine does can only slow a round down.
    """

    own: float
    plain: float
    """Of a script that reads a picture whenever it is asked for one, as most do."""
    held: float
    """Of one that keeps all pictures as tensors."""

    @property
    def ratio(self) -> float:
        """Against the faster of the two scripts."""
        return self.own / max(self.plain, self.held)

    @property
    def plain_ratio(self) -> float:
        """Against the script that reads pictures again and again."""
        return self.own / self.plain


def measure(rounds: int) -> Rates:
    """Measure each in turn, so that a busy machine slows all alike."""
    if not PYTHON.exists():
        message = f"{PYTHON.relative_to(ROOT)} is missing: run `make setup`"
        raise RuntimeError(message)
    found: dict[str, list[float]] = {"own": [], "plain": [], "held": []}
    for _ in range(rounds):
        found["own"].append(_own())
        found["plain"].append(_plain(held=False))
        found["held"].append(_plain(held=True))
    return Rates(**{name: max(rates) for name, rates in found.items()})


def _own() -> float:
    told = {
        "model": MODEL,
        "epochs": str(EPOCHS),
        "batch_size": str(BATCH_SIZE),
        "augmentation": "none",
        "seed": str(SEED),
    }
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(told), encoding="utf-8")
        for channel in ("train", "validation"):
            shutil.copytree(DATASET / channel, base / "input" / "data" / channel)
        return _rate("-m", "training", "train", base=base)


def _plain(*, held: bool) -> float:
    architecture = ARCHITECTURES[MODEL]
    told = {
        "config": dict(architecture.config),
        "labels": LABELS,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "learning_rate": architecture.learning_rate,
        "side": architecture.image_size,
        "data": str(DATASET),
        "seed": SEED,
        "held": held,
    }
    return _rate(str(PLAIN), json.dumps(told))


def _rate(*arguments: str, base: Path | None = None) -> float:
    # One thread each: two that wait for each other measure what else the machine does.
    environment = os.environ | {"OMP_NUM_THREADS": "1", **({"SAGEMAKER_BASE_DIR": str(base)} if base else {})}
    outcome = subprocess.run(
        [PYTHON, *arguments], cwd=SOURCE, env=environment, capture_output=True, text=True, check=False
    )
    if outcome.returncode:
        message = f"{arguments[0]} ended with {outcome.returncode}: {outcome.stderr[-500:]}"
        raise RuntimeError(message)
    return float(RATE.findall(outcome.stdout)[-1])
