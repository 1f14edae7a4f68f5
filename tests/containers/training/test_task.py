"""Trainings as tasks of ECS: data from S3, checkpoints and the model to S3, on capacity that is taken away."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.containers.aws_lab import Aws
from tests.containers.training.conftest import EPOCHS
from tests.containers.training.task_lab import CHANNELS, CHECKPOINTS, DATASETS, MODELS, OUTPUT, RUN, Task
from tests.containers.training.training_lab import PATIENCE_S, Ended, Job
from tests.containers.worker import worker_lab

Trained = tuple[Job, Ended]
PARTS = ("config.json", "model.onnx", "preprocessor_config.json")
UNSAFE = "waste/train/../../../escaped.jpg"


def test_task_that_is_interrupted_goes_on_in_another_and_makes_the_model_of_one_that_was_not(
    aws: Aws, trained: Trained, tmp_path: Path
) -> None:
    task = Task.make(aws, tmp_path)
    settings = {"epochs": str(EPOCHS), "checkpoint_limit": "2"}

    running = task.begin(task.told("first", **settings))
    until = time.monotonic() + PATIENCE_S
    while running.out.count("validation:accuracy=") < EPOCHS // 3 and running.alive and time.monotonic() < until:
        time.sleep(0.02)
    running.stop()
    stopped = Ended.of(running)
    kept = task.keys(CHECKPOINTS)
    half = task.keys(OUTPUT)
    ended = task.run(task.told("second", **settings))

    assert stopped.code == 143, stopped.said
    assert any(key.endswith("/complete.json") for key in kept)
    assert half == ["run.json"]
    assert ended.code == 0, ended.said
    assert "continues from checkpoint-" in ended.said
    assert 0 < len(ended.metric("validation:accuracy")) <= EPOCHS - EPOCHS // 3 + 1
    assert task.keys(CHECKPOINTS) == []
    assert sorted(task.keys(OUTPUT)) == ["confusion_matrix.png", "evaluation.json", "model.tar.gz", "run.json"]
    left_by_it(task, ended, settings)
    told = {"MODEL_URI": f"s3://{MODELS}/{OUTPUT}model.tar.gz", "MODEL_DIR": str(tmp_path / "model")}
    fetched = worker_lab.ran("model", {**aws.environment, **told})
    assert fetched.code == 0, fetched.said
    model = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    assert model == {name: (trained[0].model / name).read_bytes() for name in PARTS}


def left_by_it(task: Task, ended: Ended, hyperparameters: Mapping[str, str]) -> None:
    """The report on the test pictures, what was asked for, and the last line."""
    report = task.document("evaluation.json")
    assert [sum(row) for row in report["confusion_matrix"]["rows"]] == [10, 10, 10]
    assert ended.metric("test:accuracy") == [pytest.approx(report["metrics"]["accuracy"], abs=1e-6)]
    assert json.loads(ended.lines[-1]) == {"model": f"s3://{MODELS}/{OUTPUT}model.tar.gz", "metrics": report["metrics"]}
    assert task.document("run.json") == {
        "run": RUN,
        "data": {name: f"s3://{DATASETS}/waste/{name}/" for name in CHANNELS},
        "hyperparameters": dict(hyperparameters),
        "checkpoints": f"s3://{MODELS}/{CHECKPOINTS}",
    }
    kinds = {name: task.kind(name) for name in ("evaluation.json", "confusion_matrix.png")}
    assert kinds == {"evaluation.json": "application/json", "confusion_matrix.png": "image/png"}


def test_task_without_test_pictures_reports_on_its_validation(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")

    ended = task.run(task.told("only", "train", epochs="1"))

    assert ended.code == 0, ended.said
    metrics = task.document("evaluation.json")["metrics"]
    assert metrics["accuracy"] == pytest.approx(ended.metric("validation:accuracy")[-1], abs=1e-6)
    assert json.loads(ended.lines[-1])["metrics"] == metrics


def test_task_whose_time_is_over_ends_with_a_reason(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")

    ended = task.run({**task.told("only", "train", epochs="10000"), "TASK_MAX_SECONDS": "1"})

    reason = task.read("failure").decode()
    assert ended.code == 1
    assert reason.startswith("the task was not done after its 1 seconds: give it a longer max_hours")
    assert ended.said.splitlines()[-1] == reason


def test_checkpoints_of_another_training_are_refused_and_stay(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")
    listed = {"made_with": "others", "files": {"model.safetensors": 1}}
    aws.s3.put_object(Bucket=MODELS, Key=f"{CHECKPOINTS}checkpoint-4/model.safetensors", Body=b"x")
    aws.s3.put_object(Bucket=MODELS, Key=f"{CHECKPOINTS}checkpoint-4/complete.json", Body=json.dumps(listed).encode())
    kept = task.keys(CHECKPOINTS)

    ended = task.run(task.told("only", "train", epochs="1"))

    assert ended.code == 1
    assert "it was made with other hyperparameters, labels or pictures" in task.read("failure").decode()
    assert task.keys(CHECKPOINTS) == kept


def refused(task: Task, told: Mapping[str, str]) -> str:
    """The reason in S3 of a task that gets no further than to what needs no torch."""
    job = Job(Path(told["SAGEMAKER_BASE_DIR"]))
    reason = job.refused("task", **told)
    assert task.read("failure").decode() == reason
    return reason


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"TASK_DATA": "{"}, "TASK_DATA: cannot be read as JSON"),
        ({"TASK_DATA": "{}"}, "channel train: it is missing"),
        (
            {"TASK_DATA": '{"train": "s3://datasets/none/"}'},
            "channel train: there is nothing under s3://datasets/none/",
        ),
        ({"TASK_DATA": '{"train": "s3://nobodys/none/"}'}, "s3://nobodys/none/: NoSuchBucket: there is no such bucket"),
        ({"TASK_HYPERPARAMETERS": '{"epoch": "3"}'}, "hyperparameter 'epoch': there is none of this name"),
        ({"TASK_CHECKPOINTS": ""}, "TASK_CHECKPOINTS: an S3 prefix is needed"),
        ({"TRAINING_JOB_NAME": ""}, "TRAINING_JOB_NAME: '' is no name of a run"),
    ],
)
def test_task_that_cannot_be_is_refused_with_a_reason_in_s3(
    aws: Aws, tmp_path: Path, told: Mapping[str, str], reason: str
) -> None:
    task = Task.make(aws, tmp_path, "test")

    assert refused(task, {**task.told("only"), **told}).startswith(reason)


def test_training_that_fails_leaves_its_own_reason_in_s3(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")
    aws.s3.put_object(Bucket=DATASETS, Key="waste/test/unknown/1.jpg", Body=b"x")

    reason = refused(task, task.told("only", "train", "test", epochs="1"))

    assert reason.startswith("channel test: the model does not know the label unknown")


def test_task_refuses_a_key_that_would_leave_its_folder(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")
    aws.s3.put_object(Bucket=DATASETS, Key=UNSAFE, Body=b"x")

    reason = refused(task, task.told("only", "train"))

    assert reason.startswith("s3://datasets/waste/train/: the key 'waste/train/../../../escaped.jpg' is no path")
    assert not [*tmp_path.rglob("escaped.jpg")]
    assert not [*(tmp_path / "only" / "input" / "data" / "train").rglob("*.jpg")]


def test_task_whose_output_cannot_be_written_downloads_nothing(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")
    told = {**task.told("only", "train"), "TASK_OUTPUT": "s3://nobodys/output/"}

    reason = Job(tmp_path / "only").refused("task", **told)

    assert reason == "s3://nobodys/output/run.json: NoSuchBucket: there is no such bucket"
    assert not (tmp_path / "only" / "input" / "data").exists()


def test_task_without_any_place_for_its_output_says_so(tmp_path: Path) -> None:
    reason = Job(tmp_path).refused("task", TRAINING_JOB_NAME="a", TASK_DATA='{"train": "s3://datasets/a/"}')

    assert reason.startswith("TASK_OUTPUT: an S3 prefix is needed")


def test_task_does_not_write_into_what_is_there_already(aws: Aws, tmp_path: Path) -> None:
    task = Task.make(aws, tmp_path, "train")
    told = task.told("only", "train")
    (tmp_path / "only" / "input" / "data" / "train").mkdir(parents=True)

    assert refused(task, told).endswith("is there already; give the task a folder of its own")
