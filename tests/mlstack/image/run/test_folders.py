"""The folders that a container reads, and the one that its files come to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlstack.errors import UserError
from mlstack.image.run import folders
from mlstack.project import ROOT


def test_the_starter_model_can_be_read_by_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "STARTER", tmp_path / "work" / "starter")
    before = os.umask(0o077)
    try:
        for _ in range(2):
            for command in folders.starter():
                subprocess.run(command.words, check=True)
    finally:
        os.umask(before)

    assert {path.name for path in folders.STARTER.iterdir()} >= {"model.onnx", "config.json"}
    assert folders.closed(folders.STARTER) is None


def test_channels_are_the_folders_inside_or_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    assert folders.channels(tmp_path) == {"train": tmp_path}

    for name in ("train", "test", "other"):
        (tmp_path / name).mkdir()
    assert folders.channels(tmp_path) == {"train": tmp_path / "train", "test": tmp_path / "test"}


@pytest.mark.parametrize(("name", "reason"), [("none\x1b", "is not there"), ("file", "is no folder")])
def test_a_folder_that_is_none_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UserError, match=f"{reason}; name a folder with --model") as caught:
        folders.existing(tmp_path / name, "--model")

    assert str(caught.value).isprintable()


def test_a_folder_with_a_model_in_it_is_one(tmp_path: Path) -> None:
    for name in folders.PARTS:
        (tmp_path / name).touch()

    assert folders.model(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("there", "reason"),
    [
        ((), "holds no model: model.onnx, config.json, preprocessor_config.json must be there"),
        (folders.PARTS[:2], "holds half a model: preprocessor_config.json must be there; name the folder of a model"),
    ],
)
def test_a_folder_without_a_model_is_refused(tmp_path: Path, there: tuple[str, ...], reason: str) -> None:
    for name in there:
        (tmp_path / name).touch()
    (tmp_path / folders.PARTS[-1]).mkdir()

    with pytest.raises(UserError, match=reason):
        folders.model(tmp_path)


def test_what_the_server_reads_is_what_a_training_leaves() -> None:
    said = (ROOT / "containers" / "inference" / "README.md").read_text(encoding="utf-8")

    assert all(name in said for name in folders.PARTS)


def test_pictures_to_train_on_are_looked_at_as_for_a_training_in_the_account(tmp_path: Path) -> None:
    told: list[str] = []
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(3):
            (tmp_path / label / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(32))

    assert folders.pictures(folders.DATA, lambda _: None) == folders.DATA
    assert folders.pictures(tmp_path, told.append) == tmp_path
    assert any("fewer than 5 pictures of a (3), b (3)" in line for line in told)


@pytest.mark.parametrize("labels", [(), ("a",)])
def test_pictures_that_nothing_is_learnt_from_are_refused(tmp_path: Path, labels: tuple[str, ...]) -> None:
    for label in labels:
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").touch()

    with pytest.raises(UserError, match="holds nothing"):
        folders.pictures(tmp_path, lambda _: None)


def test_a_folder_is_known_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a").mkdir()

    assert (
        folders.existing(Path("a"), "--data") == folders.existing(Path("~/a"), "--data") == (tmp_path / "a").resolve()
    )


def test_nothing_is_mixed_with_what_lies_there(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "model").touch()
    (tmp_path / "empty").mkdir()

    assert folders.empty(tmp_path / "new") == tmp_path / "new"
    assert folders.empty(tmp_path / "empty") == tmp_path / "empty"
    for taken in ("full", "full/model"):
        with pytest.raises(UserError, match="holds something already; name another folder with --to"):
            folders.empty(tmp_path / taken)


def test_a_folder_that_cannot_be_looked_into_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", deny)

    with pytest.raises(UserError, match="cannot be looked into: Permission denied; name another"):
        folders.empty(tmp_path)


@pytest.mark.parametrize(("mode", "is_closed"), [(0o644, False), (0o640, True), (0o600, True)])
def test_a_file_that_others_cannot_read_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, is_closed: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    tmp_path.chmod(0o755)
    (tmp_path / "model.onnx").touch()
    (tmp_path / "model.onnx").chmod(mode)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    assert folders.closed(tmp_path) == (tmp_path / "model.onnx" if is_closed else None)


def test_a_folder_that_others_cannot_enter_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    tmp_path.chmod(0o744)

    assert folders.closed(tmp_path) == tmp_path


def test_where_docker_reads_as_the_person_does_nothing_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    tmp_path.chmod(0o700)

    assert folders.closed(tmp_path) is None
