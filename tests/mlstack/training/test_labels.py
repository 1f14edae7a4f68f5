"""What the training image would refuse of the labels is refused here, and nothing else: both are asked."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlstack.errors import UserError
from mlstack.training.dataset.channels import gathered
from tests.mlstack.training.conftest import JPEG
from training.dataset import Dataset
from training.problem import ProblemError

Counts = Mapping[str, int]
LABELLED = st.dictionaries(st.sampled_from(["compost", "landfill", "recycling"]), st.integers(1, 3), min_size=1)
FINE = {"compost": 2, "landfill": 2}


def made(root: Path, data: Mapping[str, Counts]) -> Path:
    """A folder with so many pictures of each label in each channel."""
    for channel, counts in data.items():
        for label, number in counts.items():
            folder = root / channel / label
            folder.mkdir(parents=True)
            for place in range(number):
                (folder / f"{place}.jpg").write_bytes(JPEG)
    return root


def refusal(data: Mapping[str, Counts]) -> str:
    """Why the command refuses them; nothing where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            gathered({"train": str(made(Path(folder), data))}, own=True, tell=lambda _: None)
        except UserError as error:
            return str(error)
    return ""


@settings(deadline=None, max_examples=60)
@given(LABELLED, st.none() | LABELLED, st.none() | LABELLED)
@example(FINE, None, None)
@example({"compost": 1, "landfill": 1}, FINE, None)
@example({"compost": 1, "landfill": 2}, None, FINE)
def test_the_command_refuses_what_the_image_refuses_and_nothing_else(
    train: Counts, validation: Counts | None, test: Counts | None
) -> None:
    said = {"train": train, "validation": validation, "test": test}
    data = {channel: counts for channel, counts in said.items() if counts}
    with tempfile.TemporaryDirectory() as folder:
        root = made(Path(folder), data)
        try:
            Dataset.read({channel: root / channel for channel in data}, part=0.2, seed=1)
            is_refused = False
        except ProblemError:
            is_refused = True

    assert bool(refusal(data)) == is_refused


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            {"train": {"compost": 1, "landfill": 2}},
            "train: compost has one picture, and one is kept to validate with; add more, or a channel validation",
        ),
        ({"train": {"compost": 1, "landfill": 1}}, "train: compost, landfill have one picture each"),
        (
            {"train": FINE, "test": {"glass": 2}},
            "test: no picture of glass is in train, which has 2 labels: compost, landfill; leave it out, or add some",
        ),
        ({"train": FINE, "validation": {"glass": 1}}, "validation: no picture of glass is in train"),
        ({"train": dict.fromkeys("abcdefgh", 1)}, "train: a, b, c, d, e and 3 more have one picture each"),
    ],
)
def test_what_is_refused_names_the_labels(data: Mapping[str, Counts], reason: str) -> None:
    assert reason in refusal(data)


def test_a_validation_in_s3_is_one_to_judge_by(tmp_path: Path) -> None:
    data = made(tmp_path, {"train": {"compost": 1, "landfill": 1}})

    found = gathered({"train": str(data), "validation": "s3://a/b/"}, own=True, tell=lambda _: None)

    assert sorted(found.names) == ["train", "validation"]


def test_a_test_alone_is_not_compared_with_what_lies_in_s3(tmp_path: Path) -> None:
    data = made(tmp_path, {"test": {"glass": 1}})

    found = gathered({"train": "s3://a/b/", "test": str(data / "test")}, own=True, tell=lambda _: None)

    assert sorted(found.names) == ["test", "train"]


def test_another_algorithm_may_have_labels_as_it_likes(tmp_path: Path) -> None:
    data = made(tmp_path, {"train": {"compost": 1}, "test": {"glass": 1}})

    assert sorted(gathered({"train": str(data)}, own=False, tell=lambda _: None).names) == ["test", "train"]


def test_one_label_says_what_was_left_out(tmp_path: Path) -> None:
    made(tmp_path, {"bad": {"a": 1, "b": 1}})
    (tmp_path / "bad/b/0.jpg").write_text("no picture")

    with pytest.raises(UserError, match=r"one label alone, a \(left out: 1 neither JPEG nor PNG \(b/0.jpg\)\); "):
        gathered({"train": str(tmp_path / "bad")}, own=True, tell=lambda _: None)


def test_a_folder_too_high_names_the_one_below(tmp_path: Path) -> None:
    made(tmp_path / "waste" / "dataset", {"train": FINE, "test": FINE})

    with pytest.raises(UserError, match=r"did you mean .*/waste/dataset\? a model learns"):
        gathered({"train": str(tmp_path / "waste")}, own=True, tell=lambda _: None)
