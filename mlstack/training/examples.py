"""A model of the stage, trained on the drawings of waste that the project ships."""

from collections.abc import Callable, Mapping

from mlstack.project import ROOT
from mlstack.target import Target
from mlstack.training.dataset.channels import channels
from mlstack.training.launch import run
from mlstack.training.runs import Run
from mlstack.training.stage import Stage
from mlstack.training.view import Spoken

DATASET = ROOT / "examples" / "waste" / "dataset"
HYPERPARAMETERS: Mapping[str, str] = {"epochs": "12"}
LEAST_ACCURACY = 0.85


def trained(target: Target, tell: Callable[[str], None]) -> Run:
    """Send the drawings, train, evaluate, register, approve and deploy; how the run ended."""
    stage = Stage.find(target)
    model = stage.models[0]
    data = channels(stage, {"train": str(DATASET)}, own=True, tell=tell)
    request = {
        "model": model,
        "train": {"data": data, "hyperparameters": dict(HYPERPARAMETERS)},
        "gate": {"metric": "accuracy", "at_least": LEAST_ACCURACY},
        "approval": "automatic",
        "deploy": {"endpoint": model},
    }
    return run(stage, request, Spoken(tell))
