"""The plain script that training is measured against: Hugging Face's Trainer on a folder of pictures.

`python plain_trainer.py SETTINGS` runs in .venv-training; it prints the pictures trained on in a second, counted from
before they are read to the end of the training.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np  # only now is nothing fetched
import torch
from PIL import Image
from transformers import (
    ResNetConfig,
    ResNetForImageClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil


class Folder:
    """A data set of pictures in a folder for each label, read when they are asked for, or once if ``held``."""

    def __init__(self, folder: Path, side: int, *, held: bool) -> None:
        labels = sorted(entry.name for entry in folder.iterdir())
        self.files = [(path, labels.index(path.parent.name)) for path in sorted(folder.glob("*/*.jpg"))]
        self.processor = ViTImageProcessorPil(size={"height": side, "width": side})
        self.held = [self.read(number) for number in range(len(self.files))] if held else None

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.files)

    def __getitem__(self, number: int) -> dict[str, object]:
        """One picture."""
        return self.held[number] if self.held else self.read(number)

    def read(self, number: int) -> dict[str, object]:
        """One picture, from its file."""
        path, label = self.files[number]
        with Image.open(path) as picture:
            pixels = self.processor(picture.convert("RGB"), return_tensors="pt")["pixel_values"][0]
        return {"pixel_values": pixels, "labels": label}


def main() -> None:
    """Train, and print the rate."""
    told = json.loads(sys.argv[1])
    set_seed(told["seed"])
    config = ResNetConfig(**told["config"], num_labels=told["labels"])
    network = ResNetForImageClassification(config)
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            num_train_epochs=told["epochs"],
            per_device_train_batch_size=told["batch_size"],
            per_device_eval_batch_size=told["batch_size"],
            learning_rate=told["learning_rate"],
            eval_strategy="epoch",
            save_strategy="epoch",
            logging_strategy="epoch",
            save_total_limit=2,
            load_best_model_at_end=True,
            metric_for_best_model="loss",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        started = time.monotonic()
        train, validation = (
            Folder(Path(told["data"]) / name, told["side"], held=told["held"]) for name in ("train", "validation")
        )
        trainer = Trainer(
            model=network,
            args=arguments,
            train_dataset=train,
            eval_dataset=validation,
            compute_metrics=lambda one: {"accuracy": float((np.argmax(one.predictions, 1) == one.label_ids).mean())},
        )
        trainer.train()
        seconds = time.monotonic() - started
    sys.stdout.write(f"threads={torch.get_num_threads()}\nimages_per_second={told['epochs'] * len(train) / seconds}\n")


if __name__ == "__main__":
    main()
