"""How many epochs a training has behind it, as its log tells: it says its loss once an epoch."""

from collections.abc import Mapping

from mlstack.text import counted
from mlstack.training.runs import Run
from training_request.hyperparameters import numeric

LOSS = "train:loss"
WENT_ON = "went on"
WENT_ON_LINE = (WENT_ON, r"^continues from \D*([0-9]+)")
"""What an attempt says where it begins with the last checkpoint of the one before."""
NAME, DEFAULT = "epochs", 10
"""The hyperparameter, and what it is where nobody says it."""


def ordered(run: Run) -> int:
    """How many a run is to have at most."""
    said = run.request.get("hyperparameters")
    number = numeric(str(said[NAME])) if isinstance(said, dict) and NAME in said else None
    return DEFAULT if number is None else int(number)


def shown(times: Mapping[str, int], most: int) -> str:
    """How far an attempt is, in words; nothing where its log says nothing of it yet.

    Args:
        times: how often its log has said what.
        most: how many epochs the run is to have.
    """
    done = times.get(LOSS, 0)
    if not done:
        return ""
    if times.get(WENT_ON, 0):  # with which epoch it began, no log says
        return f"{counted(done, 'epoch')} since it went on"
    return f"{done:,} of {max(most, done):,} epochs"
