"""The starter model is what its script makes, tells its own drawings apart, and is served."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PIL import Image

from inference import picture
from inference.model import Model
from scripts import starter_model, waste_drawings
from tests.containers.inference import server_lab

MIB = 1024 * 1024


def unpacked(archive: bytes) -> Mapping[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        return {entry.name: reader.read() for entry in opened if (reader := opened.extractfile(entry))}


def told(model: Model, shown: Image.Image) -> str:
    return model.labels[int(model.probabilities(model.preprocessing.tensor(shown)).argmax())]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed archive as SageMaker unpacks it."""
    target = tmp_path_factory.mktemp("starter")
    for name, content in unpacked(starter_model.MODEL.read_bytes()).items():
        (target / name).write_bytes(content)
    return target


@pytest.fixture(scope="module")
def made() -> Mapping[str, bytes]:
    """What the script makes now."""
    return starter_model.files(starter_model.fit(*starter_model.drawn(starter_model.TRAINING_SEED, 240)))


def test_starter_archive_is_what_its_script_makes(made: Mapping[str, bytes]) -> None:
    committed = unpacked(starter_model.MODEL.read_bytes())

    assert set(committed) == set(made)
    for name in ("config.json", "preprocessor_config.json"):
        assert committed[name] == made[name]
    kept, new = (onnx.load_from_string(files["model.onnx"]) for files in (committed, made))
    assert [node.SerializeToString() for node in kept.graph.node] == [
        node.SerializeToString() for node in new.graph.node
    ]
    # Another version of Pillow or numpy may draw a pixel differently; the weights may not notice.
    for before, after in zip(kept.graph.initializer, new.graph.initializer, strict=True):
        assert before.name == after.name
        assert np.allclose(numpy_helper.to_array(before), numpy_helper.to_array(after), atol=0.02)


def test_starter_archive_is_packed_the_same_every_time_and_readable_for_every_user() -> None:
    contents = unpacked(starter_model.MODEL.read_bytes())

    first, second = (
        starter_model.packed(dict(order)) for order in (contents.items(), reversed(list(contents.items())))
    )

    assert first == second
    assert first[4:8] == bytes(4)  # no time in the header of gzip
    with tarfile.open(fileobj=io.BytesIO(first)) as opened:
        assert {(entry.mtime, entry.mode, entry.uid, entry.uname) for entry in opened} == {(0, 0o644, 0, "")}


def test_starter_archive_is_small() -> None:
    assert starter_model.MODEL.stat().st_size < 200_000


def test_starter_graph_tells_new_drawings_apart(folder: Path) -> None:
    model, random = Model.load(folder, cores=1), waste_drawings.seeded(99)

    right = [
        told(model, waste_drawings.picture(label, random)) == label for _ in range(60) for label in starter_model.LABELS
    ]

    assert sum(right) / len(right) > starter_model.LEAST_ACCURACY


def test_starter_graph_computes_what_was_fitted(folder: Path, made: Mapping[str, bytes]) -> None:
    graph = onnx.load_from_string(made["model.onnx"]).graph
    arrays = {one.name: numpy_helper.to_array(one).astype(np.float64) for one in graph.initializer}
    pictures, _ = starter_model.drawn(5, 2)

    by_hand = starter_model.features(pictures, arrays["filters"]) @ arrays["slopes"] + arrays["offsets"]
    model = Model.load(folder, cores=1)
    served = [model.probabilities(one[None].astype(np.float32)) for one in pictures]

    assert np.allclose(starter_model.softmax(by_hand), served, atol=0.01)


def test_starter_script_draws_the_same_pictures_every_time() -> None:
    first, second = (waste_drawings.picture("compost", waste_drawings.seeded(7)) for _ in range(2))

    assert first.tobytes() == second.tobytes()


def test_starter_examples_are_small_pictures_that_it_tells_right(folder: Path) -> None:
    examples = sorted(starter_model.EXAMPLES.glob("*.jpg"))
    model = Model.load(folder, cores=1)

    assert {example.stem.partition("-")[0] for example in examples} == set(starter_model.LABELS)
    for example in examples:
        content = example.read_bytes()
        assert told(model, picture.read(content, max_pixels=MIB)) == example.stem.partition("-")[0]
        assert len(content) < 15_000


def test_starter_model_is_served(folder: Path) -> None:
    example = (starter_model.EXAMPLES / "compost-1.jpg").read_bytes()

    with server_lab.serving(folder) as server:
        said = server.ask(example, "image/jpeg")

    assert said.document["predictions"][0]["label"] == "compost"
    assert json.loads((folder / "config.json").read_bytes())["id2label"]["0"] == "compost"
