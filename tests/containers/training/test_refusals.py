"""What a person did wrong is told in one line, before torch is even imported."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.containers.training.training_lab import DATASET, Job, channel

TWO = {"cat": 2, "dog": 2}


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"epoch": "3"}, "hyperparameter 'epoch': there is none of this name; there are model, epochs, "),
        ({"epochs": "many"}, "hyperparameter epochs: a whole number from 1 to 10000 is needed, not 'many'"),
        ({"model": "resnet-9000"}, "hyperparameter model: one of tiny-resnet, "),
        ({"model": "pretrained"}, "hyperparameter model: 'pretrained' needs a channel pretrained with a Hugging Face"),
    ],
)
def test_training_refuses_hyperparameters(tmp_path: Path, hyperparameters: Mapping[str, str], reason: str) -> None:
    job = Job.make(tmp_path / "ml", None, **hyperparameters)

    failure = job.refused()

    assert failure.startswith(reason)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({}, "channel train: there is no folder in it; put the pictures into one folder for each label"),
        ({"cat": 3}, "channel train: there is only one label, cat; at least two are needed"),
        ({"cat": 3, "dog": 0}, "channel train: there is no picture (.jpg, .jpeg, .png) in the folder dog"),
        ({"cat": 3, "dog": 1}, "channel train: dog has one picture only; add more, or a channel validation"),
    ],
)
def test_training_refuses_a_data_set(tmp_path: Path, labels: Mapping[str, int], reason: str) -> None:
    (tmp_path / "train").mkdir()
    job = Job.make(tmp_path / "ml", {"train": channel(tmp_path / "train", labels)})

    assert job.refused() == reason


@pytest.mark.parametrize("name", ["validation", "test"])
def test_training_refuses_labels_that_the_model_cannot_know(tmp_path: Path, name: str) -> None:
    channels = {
        "train": channel(tmp_path / "train", TWO),
        "validation": channel(tmp_path / "good", TWO),
        name: channel(tmp_path / "other", {"dog": 1, "horse": 1}),
    }

    failure = Job.make(tmp_path / "ml", channels).refused()

    assert failure == f"channel {name}: the model does not know the label horse; it knows cat, dog"


def test_training_refuses_a_channel_that_it_does_not_know(tmp_path: Path) -> None:
    job = Job.make(tmp_path / "ml", {"train": DATASET / "train", "training": DATASET / "validation"})

    failure = job.refused()

    assert failure == "channel 'training': there is none of this name; there are train, validation, test, pretrained"


def test_training_forgets_the_failure_of_an_earlier_run(tmp_path: Path) -> None:
    job = Job.make(tmp_path / "ml", epochs="none")
    first = job.refused()
    job.tell("hyperparameters", {"epochs": "never"})

    second = job.refused()

    assert "'none'" in first
    assert "'never'" in second


def test_evaluation_without_a_model_says_so(tmp_path: Path) -> None:
    failure = Job(tmp_path).refused(command="evaluate", SAGEMAKER_PROCESSING_DIR=str(tmp_path / "processing"))

    assert failure.startswith("the model cannot be unpacked: FileNotFoundError")
    assert (tmp_path / "output" / "message").read_text(encoding="utf-8") == failure


def test_command_that_is_not_known_is_refused(tmp_path: Path) -> None:
    failure = Job(tmp_path).refused(command="predict")

    assert (
        failure
        == "the only argument is train, evaluate or task; everything else is told by files and by the environment"
    )
