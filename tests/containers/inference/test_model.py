"""A model folder that is not right says so before anything is served."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from inference.model import Model, WrongAnswerError
from inference.model_folder import ModelError
from tests.containers.inference import models
from tests.containers.inference.models import SIDE, Folder

FLAT = [helper.make_node("ReduceMean", ["pixel_values"], ["logits"], axes=[2, 3], keepdims=0)]


def load(folder: Path) -> Model:
    return Model.load(folder, cores=1)


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as refused:
        load(folder)
    message = str(refused.value)
    assert "\n" not in message
    return message


def picture(red: float, green: float, blue: float) -> NDArray[np.float32]:
    return np.broadcast_to(np.array([red, green, blue], np.float32).reshape(1, 3, 1, 1), (1, 3, SIDE, SIDE)).copy()


def test_model_gives_the_softmax_of_its_outputs(colours: Path) -> None:
    found = load(colours).probabilities(picture(0.3, 0.2, 0.0))

    powers = [math.exp(10 * value) for value in (0.3, 0.2, 0.0)]
    assert np.allclose(found, [power / sum(powers) for power in powers])


def test_model_survives_outputs_that_would_overflow(tmp_path: Path) -> None:
    folder = Folder(graph=models.colours(factor=1e30)).write(tmp_path)

    assert load(folder).probabilities(picture(1.0, 0.5, 0.0)).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ["model.onnx", "config.json", "preprocessor_config.json"])
def test_model_folder_without_a_file_is_refused_and_shows_what_there_is(name: str, tmp_path: Path) -> None:
    folder = Folder(graph=models.colours()).write(tmp_path)
    (folder / name).unlink()

    message = refusal(folder)

    assert message.startswith(f"{name}: not in")
    assert "there are" in message


def test_model_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    assert "the folder is empty or missing" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, "\x00"])
def test_model_folder_with_documents_that_are_none_is_refused(text: str, tmp_path: Path) -> None:
    folder = Folder(graph=models.colours()).write(tmp_path)
    (folder / "config.json").write_text(text, encoding="utf-8")

    assert refusal(folder).startswith("config.json: ")


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ({}, "id2label is missing"),
        ({"id2label": {}}, "id2label is missing"),
        ({"id2label": ["a", "b", "c"]}, "id2label is missing"),
        ({"id2label": {"0": "a", "2": "b"}}, "must number its 2 labels from 0 to 1"),
        ({"id2label": {"0": "a", "1": 2}}, "must be a text"),
        ({"id2label": {"0": "a", "1": ""}}, "must be a text"),
        ({"id2label": {"0": "a", "1": "b"}}, "has 2 labels"),
        ({"id2label": {"0": "a", "1": "b", "2": "c", "3": "d"}}, "has 4 labels"),
    ],
)
def test_model_with_labels_that_do_not_fit_is_refused(config: Mapping[str, object], part: str, tmp_path: Path) -> None:
    folder = Folder(graph=models.colours(), config=config).write(tmp_path)

    assert part in refusal(folder)


@pytest.mark.parametrize(
    ("graph", "part"),
    [
        (b"", "cannot be loaded"),
        (b"not a graph", "cannot be loaded"),
        (models.colours()[:80], "cannot be loaded"),
        (models.colours(shape=["batch", 1, SIDE, SIDE]), "one input, tensor(float) [1, 3, 8, 8], is needed"),
        (models.colours(shape=["batch", 3, 9, 9]), "is needed; there is pixel_values: tensor(float)"),
        (models.colours(shape=[2, 3, SIDE, SIDE]), "is needed"),
        (models.colours(shape=["batch", 3, SIDE]), "is needed"),
        (models.model(FLAT, taken=TensorProto.DOUBLE, given=TensorProto.DOUBLE), "tensor(double)"),
        (models.colours(outputs=["one", "two"]), "one output, or one that is called logits"),
        (models.colours(factor=math.nan), "the first inference failed: the answer has the shape [1, 3]"),
        (models.colours(factor=math.inf), "is not finite"),
    ],
    ids=["empty", "text", "cut", "grey", "larger", "batch of two", "flat", "double", "two outputs", "nan", "inf"],
)  # fmt: skip
def test_model_with_a_graph_that_does_not_fit_is_refused(graph: bytes, part: str, tmp_path: Path) -> None:
    folder = Folder(graph=graph).write(tmp_path)

    message = refusal(folder)

    assert message.startswith("model.onnx: ")
    assert part in message


@pytest.mark.parametrize("shape", [["batch", 3, SIDE, SIDE], [1, 3, SIDE, SIDE], ["n", "c", "h", "w"]])
def test_model_may_leave_its_shape_open(shape: Sequence[int | str], tmp_path: Path) -> None:
    folder = Folder(graph=models.colours(shape=shape)).write(tmp_path)

    assert list(load(folder).labels) == list(models.LABELS)


def test_model_with_several_outputs_is_asked_for_its_logits(tmp_path: Path) -> None:
    folder = Folder(graph=models.colours(outputs=["hidden", "logits"])).write(tmp_path)

    assert load(folder).probabilities(picture(0.0, 1.0, 0.0)).argmax() == 1


def test_model_whose_pictures_keep_their_proportions_needs_an_open_shape(tmp_path: Path) -> None:
    preprocessing = {**models.PREPROCESSING, "size": {"shortest_edge": SIDE}}
    fixed, left_open = models.colours(), models.colours(shape=["batch", 3, "height", "width"])

    assert "any height" in refusal(Folder(graph=fixed, preprocessing=preprocessing).write(tmp_path / "fixed"))
    assert load(Folder(graph=left_open, preprocessing=preprocessing).write(tmp_path / "open")).labels


def test_model_that_answers_nonsense_later_is_no_prediction(colours: Path) -> None:
    with pytest.raises(WrongAnswerError, match="not finite"):
        load(colours).probabilities(picture(math.nan, 0.0, 0.0))
