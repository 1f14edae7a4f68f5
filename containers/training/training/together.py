"""What processes that train together have to have in common. Hosts share no disk."""

from collections.abc import Iterable
from pathlib import Path

import torch

from training.networks import Tensor
from training.problem import ProblemError


def agreed(checkpoint: Path | None, folder: Path) -> Path | None:
    """The first process's choice, of which each host has a copy; raise ProblemError where this host has none."""
    if not torch.distributed.is_initialized():
        return checkpoint
    chosen = [checkpoint.name if checkpoint else ""]
    torch.distributed.broadcast_object_list(chosen, src=0)
    if not chosen[0]:
        return None
    own = folder / chosen[0]
    if not own.is_dir():
        message = f"checkpoint {own.name}: the first host has it and this one has not; use another place for them"
        raise ProblemError(message)
    return own


def share(values: Iterable[Tensor]) -> None:
    """Give all processes the first one's values, which are those that are saved."""
    if torch.distributed.is_initialized():
        for one in values:
            torch.distributed.broadcast(one, src=0)
