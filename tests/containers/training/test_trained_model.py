"""A model that was really trained: how good it is, what lies beside it, that it is served, that a stop changes nothing.

All of this is in one file, so that the tests that run beside each other train it once.
"""

import json
import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from inference.model import Model
from inference.picture import read
from tests.containers.inference import server_lab
from tests.containers.training.conftest import EPOCHS
from tests.containers.training.training_lab import DATASET, LABELS, Ended, Job
from training import served
from training.served import Served

Trained = tuple[Job, Ended]
STEPS = 4
"""Of an epoch: 120 pictures, 32 a step."""
GOOD = 0.9
"""Chance would tell a third right."""


def told(model: Model, path: Path) -> str:
    picture = read(path.read_bytes(), max_pixels=10_000, enough=model.preprocessing.enough)
    return model.labels[int(model.probabilities(model.preprocessing.tensor(picture)).argmax())]


def test_model_tells_pictures_apart_that_it_has_not_seen_when_it_is_served(trained: Trained) -> None:
    model, pictures = Model.load(trained[0].model, cores=1), sorted((DATASET / "test").rglob("*.jpg"))

    right = [told(model, path) == path.parent.name for path in pictures]

    assert len(right) == 30
    assert sum(right) / len(right) >= GOOD


def test_model_is_served_over_http(trained: Trained) -> None:
    picture = (DATASET / "test" / "recycling" / "02.jpg").read_bytes()

    with server_lab.serving(trained[0].model) as server:
        said = server.ask(picture, "image/jpeg")

    assert said.status == 200
    assert {prediction["label"] for prediction in said.document["predictions"]} == set(LABELS)


def test_model_sees_the_numbers_in_training_that_it_sees_when_it_is_served(trained: Trained) -> None:
    report = json.loads((trained[0].base / "output" / "data" / "evaluation.json").read_text(encoding="utf-8"))
    model = Model.load(trained[0].model, cores=1)

    right = [told(model, path) == path.parent.name for path in sorted((DATASET / "validation").rglob("*.jpg"))]

    assert sum(right) / len(right) == pytest.approx(report["metrics"]["accuracy"])


def test_model_answers_to_many_pictures_at_once_as_to_each(trained: Trained) -> None:
    model = Served.load(trained[0].model, threads=1)
    numbers = np.random.default_rng(1).standard_normal((5, 3, 64, 64)).astype(np.float32)

    together, each = model.logits(numbers), [model.logits(one[None])[0] for one in numbers]

    assert np.allclose(together, each, atol=1e-4)


def test_model_is_small_and_remembers_nothing_of_the_machine(trained: Trained) -> None:
    content = (trained[0].model / served.GRAPH).read_bytes()
    graph = onnx.load_from_string(content).graph

    assert len(content) < 300_000
    assert b"site-packages" not in content
    assert [one.name for one in graph.output] == ["logits"]
    assert [str(one.dim_param or one.dim_value) for one in graph.input[0].type.tensor_type.shape.dim] == [
        "batch",
        "3",
        "64",
        "64",
    ]


def test_training_writes_lines_that_a_metric_definition_finds(trained: Trained) -> None:
    text = "\n".join(trained[1].lines)

    accuracies = re.findall("validation:accuracy=([0-9.]+)", text)

    assert len(accuracies) == EPOCHS + 1
    assert float(accuracies[-1]) >= GOOD
    assert len(trained[1].metric("train:loss")) == EPOCHS
    assert trained[1].metric("train:loss")[-1] < trained[1].metric("train:loss")[0] / 2
    assert min(trained[1].metric("validation:loss")) == trained[1].metric("validation:loss")[-1]
    assert trained[1].metric("train:images_per_second")[0] > 1


def test_training_reports_on_the_validation_pictures(trained: Trained) -> None:
    folder = trained[0].base / "output" / "data"

    report = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))

    assert report["confusion_matrix"]["labels"] == [*LABELS]
    assert [sum(row) for row in report["confusion_matrix"]["rows"]] == [10, 10, 10]
    assert report["metrics"]["accuracy"] == pytest.approx(trained[1].metric("validation:accuracy")[-1], abs=1e-6)
    with Image.open(folder / "confusion_matrix.png") as chart:
        assert chart.format == "PNG"


def test_training_keeps_as_many_checkpoints_as_it_is_told(trained: Trained) -> None:
    names = trained[0].checkpoints()

    assert f"checkpoint-{STEPS * EPOCHS}" in names
    assert len(names) <= 3  # the best is kept besides
    assert not (trained[0].base / "output" / "failure").exists()


def test_interrupted_training_makes_the_same_model_as_an_uninterrupted_one(trained: Trained, tmp_path: Path) -> None:
    job = Job.make(tmp_path / "ml", epochs=str(EPOCHS), checkpoint_steps="3", checkpoint_limit="9")

    stopped = job.run(stop_after=EPOCHS // 3)
    checkpoints = {
        int(name.rpartition("-")[2]): job.base / "checkpoints" / "local" / name for name in job.checkpoints()
    }
    half = job.model.exists()
    # As if the machine had died in the middle of an epoch, while it wrote another checkpoint.
    middle = max(steps for steps in checkpoints if steps % STEPS)
    for steps, path in checkpoints.items():
        if steps > middle:
            (path / "model.safetensors").write_bytes(b"half")
    ended = job.run()

    assert stopped.code == 143, stopped.said
    assert not half
    assert len(stopped.metric("validation:accuracy")) < EPOCHS
    assert ended.code == 0, ended.said
    assert middle > STEPS
    assert ended.said.count("left out, as it is not whole") == sum(steps > middle for steps in checkpoints)
    assert len(ended.metric("train:loss")) == EPOCHS - middle // STEPS
    for name in ("model.onnx", "config.json", "preprocessor_config.json"):
        assert (job.model / name).read_bytes() == (trained[0].model / name).read_bytes()
    report = Path("output", "data", "evaluation.json")
    assert (job.base / report).read_bytes() == (trained[0].base / report).read_bytes()


def test_model_is_a_start_for_another_training(trained: Trained, tmp_path: Path) -> None:
    """A Hugging Face model folder: a checkpoint has its weights, the model folder how pictures become numbers."""
    start = tmp_path / "start"
    start.mkdir()
    checkpoint = trained[0].base / "checkpoints" / "local" / trained[0].checkpoints()[0]
    for path in (checkpoint / "config.json", checkpoint / "model.safetensors"):
        (start / path.name).write_bytes(path.read_bytes())
    steps = json.loads((trained[0].model / "preprocessor_config.json").read_text(encoding="utf-8"))
    # So small that the network ends with one pixel, whose variance a single picture has none of.
    smaller = {**steps, "size": {"height": 32, "width": 32}}
    (start / "preprocessor_config.json").write_text(json.dumps(smaller), encoding="utf-8")
    channels = {"train": DATASET / "train", "pretrained": start}

    job = Job.make(tmp_path / "ml", channels, epochs="3", batch_size="19", learning_rate="0.003", augmentation="none")
    ended = job.run(TRAINING_JOB_NAME="again")

    assert ended.code == 0, ended.said
    assert ended.metric("validation:accuracy")[-1] >= GOOD
    assert job.checkpoints("again") == ["checkpoint-12", "checkpoint-18"]  # 96 pictures of 120, 19 a step: one is left


def test_evaluation_judges_a_packed_model(trained: Trained, tmp_path: Path) -> None:
    trained[0].pack(tmp_path / "processing" / "input" / "model" / "model.tar.gz")
    (tmp_path / "processing" / "input" / "test").symlink_to(DATASET / "test")

    ended = Job(tmp_path).run(command="evaluate", SAGEMAKER_PROCESSING_DIR=str(tmp_path / "processing"))

    assert ended.code == 0, ended.said
    output = tmp_path / "processing" / "output" / "evaluation"
    report = json.loads((output / "evaluation.json").read_text(encoding="utf-8"))
    assert report["metrics"]["accuracy"] >= GOOD
    assert ended.metric("test:accuracy") == [pytest.approx(report["metrics"]["accuracy"], abs=1e-6)]
    assert sum(scores["count"] for scores in report["per_class"].values()) == 30
    assert (output / "confusion_matrix.png").exists()
