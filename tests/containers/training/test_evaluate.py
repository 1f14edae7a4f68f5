"""A processing job's model, as it comes out of S3."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.containers.inference import models
from training import evaluate
from training.problem import ProblemError
from training.served import Served

WHOLE = dict.fromkeys(evaluate.PARTS, b"{}")


def packed(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return folder


@pytest.mark.parametrize("prefix", ["", "./"])
def test_model_is_unpacked(tmp_path: Path, prefix: str) -> None:
    folder = packed(tmp_path / "in", {f"{prefix}{name}": content for name, content in WHOLE.items()})

    evaluate.unpack(folder, tmp_path / "out")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(evaluate.PARTS)


def test_model_may_be_unpacked_already(tmp_path: Path) -> None:
    for name, content in WHOLE.items():
        (tmp_path / name).write_bytes(content)

    evaluate.unpack(tmp_path, tmp_path / "out")

    assert (tmp_path / "out" / "model.onnx").read_bytes() == b"{}"


def test_archive_writes_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    folder = packed(tmp_path / "in", {**WHOLE, "../escaped": b"x", "/tmp/escaped": b"x", "code/inference.py": b"x"})  # noqa: S108  # a name in an archive

    evaluate.unpack(folder, tmp_path / "out")

    assert not (tmp_path / "escaped").exists()
    assert len([*(tmp_path / "out").rglob("*")]) == 3


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08half"])
def test_archive_that_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)

    with pytest.raises(ProblemError, match="the model cannot be unpacked"):
        evaluate.unpack(tmp_path, tmp_path / "out")


def test_archive_that_lacks_a_file_is_said(tmp_path: Path) -> None:
    folder = packed(tmp_path / "in", {"model.onnx": b"x"})

    with pytest.raises(ProblemError, match=r"config\.json is not in it"):
        evaluate.unpack(folder, tmp_path / "out")


@pytest.mark.parametrize("config", [{}, {"id2label": ["a"]}, {"id2label": {"1": "a"}}])
def test_model_without_labels_is_said(tmp_path: Path, config: Mapping[str, object]) -> None:
    models.Folder(graph=models.colours(), config=config).write(tmp_path)

    with pytest.raises(ProblemError, match=r"no config\.json with id2label"):
        Served.load(tmp_path, threads=1)


def test_graph_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "a"}}))
    (tmp_path / "model.onnx").write_bytes(b"no graph")

    with pytest.raises(ProblemError, match=r"model\.onnx: cannot be loaded"):
        Served.load(tmp_path, threads=1)
