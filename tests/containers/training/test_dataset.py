"""Which pictures a job learns from, and which it is judged by."""

from pathlib import Path

import pytest

from tests.containers.training.training_lab import channel
from training.dataset import Dataset, labelled, split
from training.problem import ProblemError


def names(paths: object) -> list[str]:
    assert isinstance(paths, list)
    return [f"{path.parent.name}/{path.name}" for path in paths]


def test_labels_are_the_folders_in_their_order(tmp_path: Path) -> None:
    train = channel(tmp_path / "train", {"dog": 2, "cat": 3})
    validation = channel(tmp_path / "validation", {"dog": 1})

    dataset = Dataset.read({"train": train, "validation": validation}, part=0.2, seed=1)

    assert dataset.labels == ["cat", "dog"]
    assert dataset.train.labels == [0, 0, 0, 1, 1]
    assert (names(dataset.validation.paths), dataset.validation.labels) == (["dog/00.png"], [1])


def test_part_of_the_pictures_is_kept_where_there_is_no_channel_for_it(tmp_path: Path) -> None:
    train = channel(tmp_path, {"cat": 10, "dog": 20})

    first, again, other = (Dataset.read({"train": train}, part=0.2, seed=seed) for seed in (1, 1, 2))

    assert [first.validation.labels.count(number) for number in (0, 1)] == [2, 4]
    assert set(first.train.paths) & set(first.validation.paths) == set()
    assert len(first.train) + len(first.validation) == 30
    assert first == again
    assert first != other


def test_new_pictures_of_one_label_leave_the_split_of_another_as_it_was(tmp_path: Path) -> None:
    few, more = ({"cat": channel(tmp_path / "a", {"cat": 9})}, {"dog": channel(tmp_path / "b", {"dog": 5})})
    cats = labelled(few["cat"], "train")
    both = {**cats, **labelled(more["dog"], "train")}

    _, alone = split(cats, part=0.3, seed=4)
    _, together = split(both, part=0.3, seed=4)

    assert alone["cat"] == together["cat"]


def test_something_is_always_left_to_learn_from(tmp_path: Path) -> None:
    found = labelled(channel(tmp_path, {"cat": 2}), "train")

    learned, kept = split(found, part=0.9, seed=1)

    assert (len(learned["cat"]), len(kept["cat"])) == (1, 1)


def test_files_that_are_no_pictures_are_left_out_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = channel(tmp_path, {"cat": 1, "dog": 1})
    (train / "cat" / "notes.txt").write_text("not a picture")
    (train / "cat" / ".hidden.jpg").write_text("nothing")
    (train / "cat" / "more").mkdir()
    (train / "cat" / "more" / "LAST.JPEG").write_bytes(b"only looked at later")
    (train / "_SUCCESS").mkdir()
    (train / "manifest.json").write_text("{}")

    found = labelled(train, "train")

    assert [*found] == ["cat", "dog"]
    assert [path.name for path in found["cat"]] == ["00.png", "LAST.JPEG"]
    assert "1 files in cat are left out" in capsys.readouterr().err


def test_labels_may_have_any_name(tmp_path: Path) -> None:
    train = channel(tmp_path, {"crème brûlée": 2, "a b": 2, "日本": 2})

    dataset = Dataset.read({"train": train}, part=0.5, seed=1)

    assert dataset.labels == ["a b", "crème brûlée", "日本"]


def test_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="put the pictures into one folder for each label"):
        Dataset.read({"train": tmp_path / "nowhere"}, part=0.2, seed=1)
