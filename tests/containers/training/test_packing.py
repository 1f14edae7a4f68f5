"""model.tar.gz, as SageMaker makes it."""

import os
import tarfile
from pathlib import Path

from training import packing


def test_archive_has_the_files_at_its_top(tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "model.onnx").write_bytes(b"graph")
    (tmp_path / "model" / "code" / "a.py").write_bytes(b"x")

    packing.pack(tmp_path / "model", tmp_path / "model.tar.gz")

    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        assert archive.getnames() == ["code/a.py", "model.onnx"]
        assert archive.extractfile("model.onnx").read() == b"graph"  # type: ignore[union-attr]  # it is a file


def test_archive_says_nothing_about_who_made_it_and_when(tmp_path: Path) -> None:
    archives = []
    for number in (1, 2):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / "config.json").write_bytes(b"{}")
        os.utime(folder / "config.json", (number * 1e6, number * 1e6))
        (folder / "config.json").chmod(0o600 if number == 1 else 0o666)
        packing.pack(folder, tmp_path / f"{number}.tar.gz")
        archives.append((tmp_path / f"{number}.tar.gz").read_bytes())

    assert archives[0] == archives[1]
