"""Follows a training: prints its metrics, marks its checkpoints as whole, and ends it when that is asked for."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers

from training import checkpoints, metrics, together
from training.networks import Network
from training.stop import STOPPED, Stop

State = Any  # transformers ships no types
Control = Any
PATIENCE_S = 60
"""So long after it was asked, an evaluation is given up; SageMaker kills after 120 seconds."""


class Progress(transformers.TrainerCallback):  # type: ignore[misc]  # transformers ships no types
    """The Trainer calls it after each step, evaluation and checkpoint."""

    def __init__(self, stop: Stop, made_with: str, *, every: int) -> None:
        self._stop, self._made_with, self._every = stop, made_with, every
        self._asked_at: float | None = None
        self._begun: float | None = None
        self._ended: float = 0
        self.stopped = False
        """Whether the training was ended before its end."""
        # Small messages between processors, which wait for no GPU.
        self._group = torch.distributed.new_group(backend="gloo") if torch.distributed.is_initialized() else None

    def on_train_begin(self, _args: object, state: State, _control: Control, **_: object) -> None:
        """Remember where this process begins."""
        self._begun = float(state.epoch or 0)

    def on_step_end(self, _args: object, state: State, control: Control, **_: object) -> None:
        """Save now and then, and before the end."""
        self._ended = float(state.epoch)
        asked = self._asked()
        if self._ended.is_integer():
            return  # the epoch is judged and saved now; a checkpoint before that would never be judged
        if self._every and state.global_step % self._every == 0:
            control.should_save = True
        if asked:
            control.should_save = control.should_training_stop = self.stopped = True

    def on_epoch_end(self, _args: object, _state: State, control: Control, *, model: Network, **_: object) -> None:
        """Leave an epoch that was broken off as it is: judging it would draw from chance, and count as a result."""
        if self.stopped:
            control.should_log = control.should_evaluate = control.should_save = False
        together.share(model.buffers())  # each process has seen other pictures: what is judged is what is saved

    def on_prediction_step(self, _args: object, _state: State, _control: Control, **_: object) -> None:
        """Give an evaluation up that would take too long."""
        if self._group is None and self._stop.asked():
            self._asked_at = self._asked_at or time.monotonic()
            if time.monotonic() - self._asked_at > PATIENCE_S:
                raise SystemExit(STOPPED)

    def on_save(self, args: Any, state: State, control: Control, **_: object) -> None:  # noqa: ANN401  # transformers ships no types
        """Mark the checkpoint as whole once all processes have written their part."""
        if self._group is not None:
            torch.distributed.barrier(group=self._group)
        if state.is_world_process_zero:
            checkpoint = Path(args.output_dir) / f"{checkpoints.PREFIX}{state.global_step}"
            if checkpoint.is_dir():
                checkpoints.complete(checkpoint, self._made_with)
        if self._asked():  # while the epoch was judged
            control.should_training_stop = self.stopped = True

    def on_log(self, _args: object, state: State, _control: Control, logs: Mapping[str, float], **_: object) -> None:
        """Print the metrics."""
        if not state.is_world_process_zero:
            return
        for told, name in (
            ("loss", "train:loss"),
            ("eval_loss", "validation:loss"),
            ("eval_accuracy", "validation:accuracy"),
        ):
            if told in logs:
                metrics.write(name, logs[told])

    def rate(self, pictures: int, seconds: float) -> None:
        """Print how many pictures were trained on in a second, counted from before they were decoded."""
        if int(os.environ.get("RANK", "0")) == 0 and self._begun is not None:
            metrics.write("train:images_per_second", pictures * (self._ended - self._begun) / seconds)

    def _asked(self) -> bool:
        """Whether any process was asked to end: all must do the same steps."""
        if self._group is None:
            return self._stop.asked()
        asked = torch.tensor([self._stop.asked()], dtype=torch.uint8)
        torch.distributed.all_reduce(asked, op=torch.distributed.ReduceOp.MAX, group=self._group)
        return bool(asked.item())
