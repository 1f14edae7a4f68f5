"""The labels of pictures: what the training image would refuse of them, and what can hardly be learnt."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlstack.errors import UserError
from mlstack.text import counted, printable
from mlstack.training.dataset.folder import Folder

TRAIN, VALIDATION = "train", "validation"
JUDGED_BY = (VALIDATION, "test")
FEWEST_LABELS, FEWEST_PICTURES = 2, 2
"""One picture to learn from and one to judge by, where nothing else is there to judge by; the image says the same."""
FEW_PICTURES = 5
"""Of a label; with fewer hardly one is left to validate with."""
SHOWN = 5


def apart(found: Folder) -> None:
    """Raise UserError where there is nothing to tell apart."""
    labels = _counts(found)
    if len(labels) < FEWEST_LABELS:
        left_out = f" ({found.told})" if found.told else ""
        below = _below(found.path)
        meant = f"did you mean {printable(str(below))}? " if below else ""
        message = (
            f"{printable(str(found.path))} has pictures of one label alone, {printable(next(iter(labels)))}{left_out}; "
            f"{meant}a model learns to tell two or more apart, each in a folder of its own"
        )
        raise UserError(message)


def check(here: Mapping[str, Folder], *, has_validation: bool) -> None:
    """Raise UserError where the training image would refuse the labels, after its machine has started.

    Args:
        here: the channels that lie on this machine.
        has_validation: whether the training has pictures of their own to validate with, wherever they lie.
    """
    if TRAIN not in here:
        return
    known = _counts(here[TRAIN])
    single = [label for label, number in known.items() if number < FEWEST_PICTURES]
    if single and not has_validation:
        has, each = ("have", " each") if len(single) > 1 else ("has", "")
        message = (
            f"{TRAIN}: {_names(single)} {has} one picture{each}, and one is kept to validate with; "
            f"add more, or a channel {VALIDATION}"
        )
        raise UserError(message)
    for channel in JUDGED_BY:
        unknown = sorted(_counts(here[channel]).keys() - known.keys()) if channel in here else []
        if unknown:
            message = (
                f"{channel}: no picture of {_names(unknown)} is in {TRAIN}, which has "
                f"{counted(len(known), 'label')}: {_names(known)}; leave it out, or add some to {TRAIN}"
            )
            raise UserError(message)


def warning(found: Folder) -> str:
    """That hardly anything can be learnt from what there is of a label; nothing where that is enough."""
    few = [f"{printable(label)} ({number})" for label, number in _counts(found).items() if number < FEW_PICTURES]
    return f"warning: fewer than {FEW_PICTURES} pictures of {_names(few)}: too few to learn a label from" if few else ""


def _counts(found: Folder) -> Counter[str]:
    return Counter(file.key.partition("/")[0] for file in found.files)


def _names(labels: Iterable[str]) -> str:
    """The first few of them."""
    found = [printable(label) for label in labels]
    return ", ".join(found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if len(found) > SHOWN else "")


def _below(path: Path) -> Path | None:
    """The one folder in it that holds channels, where there is one: what was meant lies one deeper."""
    found = [one.parent for one in path.glob(f"*/{TRAIN}/") if one.is_dir()]
    return found[0] if len(found) == 1 else None
