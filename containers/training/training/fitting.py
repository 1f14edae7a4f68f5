"""Trains a network with Hugging Face's Trainer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray

from training import checkpoints, metrics, networks, plan, report, together
from training.architectures import PRETRAINED
from training.fitting_arguments import arguments
from training.hyperparameters import Hyperparameters
from training.job import Job
from training.networks import Network
from training.pixels import Pixels
from training.plan import Plan
from training.preprocessing import Preprocessing
from training.progress import Progress
from training.stop import Stop


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """What a training that ran to its end has made."""

    network: Network
    logits: NDArray[np.float32]
    """For the pictures of validation."""
    leads: bool
    """Whether this process is the one that writes."""


class Batches:
    """Pictures as the Trainer asks for them: a whole batch at a time, of so many pictures at least."""

    def __init__(self, pixels: Pixels, *, least: int = 1) -> None:
        self._pixels, self._least = pixels, least

    def __len__(self) -> int:
        """How many pictures."""
        return len(self._pixels)

    def __getitem__(self, number: int) -> Mapping[str, Any]:
        """One picture; never asked for, as ``__getitems__`` is there."""
        return self.__getitems__([number])

    def __getitems__(self, numbers: Sequence[int]) -> Mapping[str, Any]:
        """A batch."""
        far = [(numbers[0] + len(self) // 2) % len(self)] if len(numbers) < self._least else []
        chosen = np.asarray([*numbers, *far])
        return {
            "pixel_values": torch.from_numpy(self._pixels.values(chosen)),
            "labels": torch.from_numpy(self._pixels.labels[chosen]),
        }


def fit(job: Job, chosen: Hyperparameters, prepared: Plan, preprocessing: Preprocessing, stop: Stop) -> Fitted | None:
    """Train from the newest whole checkpoint; None where it was stopped. Raise ProblemError."""
    network = networks.build(chosen, prepared.labels, job.channels.get(PRETRAINED))
    hook = network.register_forward_pre_hook(
        networks.entrance(preprocessing, augmented=chosen.augmentation == "light"), with_kwargs=True
    )
    learned, judged = prepared.pixels(plan.TRAIN), prepared.pixels(plan.VALIDATION)
    settings = arguments(chosen, job.checkpoints, rate=networks.learning_rate(chosen))
    resumed = together.agreed(checkpoints.newest(job.checkpoints, prepared.made_with), job.checkpoints)
    progress = Progress(stop, prepared.made_with, every=chosen.checkpoint_steps)
    trainer = transformers.Trainer(
        model=network,
        args=settings,
        # What is left for an epoch's last step may be one picture, which has no variance to normalize a batch by.
        train_dataset=Batches(learned, least=min(2, chosen.batch_size)),
        eval_dataset=Batches(judged),
        data_collator=lambda batch: batch,
        compute_metrics=lambda told: {"accuracy": report.accuracy(told.predictions, told.label_ids)},
        callbacks=[progress],
    )
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=None if resumed is None else str(resumed))
    if progress.stopped:
        return None
    progress.rate(len(learned), time.monotonic() - started + prepared.decoding_s)
    together.share(network.state_dict().values())  # only the first host has the checkpoint that was the best
    answers = trainer.predict(Batches(judged))
    if trainer.is_world_process_zero():
        metrics.write("validation:loss", report.loss(answers.predictions, judged.labels))
        metrics.write("validation:accuracy", report.accuracy(answers.predictions, judged.labels))
    hook.remove()
    return Fitted(
        network=trainer.accelerator.unwrap_model(trainer.model),
        logits=np.asarray(answers.predictions, np.float32),
        leads=bool(trainer.is_world_process_zero()),
    )
