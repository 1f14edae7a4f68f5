"""The Trainer's settings."""

from pathlib import Path
from typing import Any

import torch
import transformers

from training.hyperparameters import Hyperparameters
from training.problem import ProblemError

AS_LOW_AS_BF16 = (8, 0)
"""The compute capability from which GPUs compute in bfloat16 themselves."""


def precision(chosen: Hyperparameters) -> str:
    """The one asked for, or the fastest that this hardware has without losing accuracy; raise ProblemError."""
    gpu = torch.cuda.is_available()
    new = gpu and torch.cuda.get_device_capability() >= AS_LOW_AS_BF16
    if chosen.precision == "auto":
        return ("bf16" if new else "fp16") if gpu else "fp32"
    if chosen.precision == "fp16" and not gpu:
        message = "hyperparameter precision: fp16 needs a GPU; use fp32, bf16 or auto, or another instance type"
        raise ProblemError(message)
    if chosen.precision == "bf16" and gpu and not new:
        message = "hyperparameter precision: this GPU does not compute in bf16; use fp16, fp32 or auto"
        raise ProblemError(message)
    return chosen.precision


def arguments(chosen: Hyperparameters, folder: Path, *, rate: float) -> Any:  # noqa: ANN401  # transformers ships no types
    """What the Trainer is told; raise ProblemError."""
    kind, gpu = precision(chosen), torch.cuda.is_available()
    return transformers.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=chosen.epochs,
        per_device_train_batch_size=chosen.batch_size,
        per_device_eval_batch_size=chosen.batch_size,
        learning_rate=rate,
        weight_decay=chosen.weight_decay,
        warmup_steps=chosen.warmup,
        lr_scheduler_type=chosen.schedule,
        seed=chosen.seed,
        data_seed=chosen.seed,
        bf16=kind == "bf16",
        fp16=kind == "fp16",
        use_cpu=not gpu,
        # Named alone, the library would look for other processes.
        ddp_backend=("nccl" if gpu else "gloo") if torch.distributed.is_torchelastic_launched() else None,
        ddp_find_unused_parameters=False,
        average_tokens_across_devices=False,  # for language models; it would multiply the loss by the processes
        dataloader_pin_memory=gpu,
        dataloader_num_workers=0,  # a batch is a copy out of memory
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=chosen.checkpoint_limit,
        load_best_model_at_end=True,
        metric_for_best_model="loss",
        greater_is_better=False,
        label_names=["labels"],
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
    )
