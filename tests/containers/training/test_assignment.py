"""What a task is told."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.assignment import LONGEST_S, Assignment
from training.place import Place
from training.problem import ProblemError

TOLD = {
    "TRAINING_JOB_NAME": "run-1",
    "TASK_DATA": '{"train": "s3://datasets/train/", "test": "s3://datasets/test", "validation": ""}',
    "TASK_HYPERPARAMETERS": '{"epochs": 3, "model": "tiny-vit"}',
    "TASK_OUTPUT": "s3://models/runs/run-1/",
    "TASK_CHECKPOINTS": "s3://models/checkpoints/run-1/",
}


def test_task_is_told_its_places_and_hyperparameters_as_texts() -> None:
    read = Assignment.read({**TOLD, "TASK_MAX_SECONDS": "3600"})

    assert read == Assignment(
        run="run-1",
        data={"train": Place("datasets", "train/"), "test": Place("datasets", "test/")},
        hyperparameters={"epochs": "3", "model": "tiny-vit"},
        output=Place("models", "runs/run-1/"),
        checkpoints=Place("models", "checkpoints/run-1/"),
        max_seconds=3600,
    )


def test_task_needs_neither_hyperparameters_nor_a_time() -> None:
    read = Assignment.read({**TOLD, "TASK_HYPERPARAMETERS": ""})

    assert read.hyperparameters == {}
    assert read.max_seconds is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"TRAINING_JOB_NAME": "../a"}, "TRAINING_JOB_NAME: '../a' is no name of a run"),
        ({"TASK_DATA": "[]"}, "TASK_DATA: not a JSON object"),
        ({"TASK_DATA": "["}, "TASK_DATA: cannot be read as JSON"),
        ({"TASK_DATA": "[" * 100_000}, "TASK_DATA: cannot be read as JSON"),
        ({"TASK_DATA": '{"training": "s3://a/"}'}, "channel 'training': there is none of this name"),
        ({"TASK_DATA": '{"train": 5}'}, "TASK_DATA: channel train: an S3 prefix is needed"),
        ({"TASK_DATA": '{"train": ""}'}, "channel train: it is missing"),
        ({"TASK_OUTPUT": "here"}, "TASK_OUTPUT: an S3 prefix is needed"),
        ({"TASK_HYPERPARAMETERS": '{"model": "pretrained"}'}, "needs a channel pretrained"),
        ({"TASK_HYPERPARAMETERS": '{"epochs": null}'}, "hyperparameter epochs: a whole number"),
        ({"TASK_MAX_SECONDS": "0"}, "TASK_MAX_SECONDS: a whole number from 1"),
        ({"TASK_MAX_SECONDS": str(LONGEST_S + 1)}, "TASK_MAX_SECONDS: a whole number from 1"),
        ({"TASK_MAX_SECONDS": "1h"}, "TASK_MAX_SECONDS: a whole number from 1"),
    ],
)
def test_task_that_cannot_be_is_refused(told: Mapping[str, str], reason: str) -> None:
    with pytest.raises(ProblemError) as refused:
        Assignment.read({**TOLD, **told})

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "place", ["s3://models/", "s3://models/runs/", "s3://models/runs/run-1/", "s3://datasets/", "s3://datasets/train/"]
)
def test_checkpoints_lie_where_nothing_else_does_as_all_there_is_deleted_at_the_end(place: str) -> None:
    with pytest.raises(ProblemError, match="TASK_CHECKPOINTS: a prefix of its own is needed"):
        Assignment.read({**TOLD, "TASK_CHECKPOINTS": place})


@given(name=st.sampled_from(sorted({*TOLD, "TASK_MAX_SECONDS"})), value=st.text(max_size=30) | st.integers().map(str))
def test_anything_is_read_or_refused_in_one_line(name: str, value: str) -> None:
    said = ""
    try:
        read = Assignment.read({**TOLD, name: value})
    except ProblemError as refused:
        said = str(refused)
    else:
        assert read.checkpoints.prefix
        assert json.dumps(dict(read.hyperparameters))
    assert len(said.splitlines()) <= 1
