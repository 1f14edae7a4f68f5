"""Only whole checkpoints of the same training are continued."""

from pathlib import Path

import pytest

from training import checkpoints
from training.problem import ProblemError


def checkpoint(folder: Path, steps: int, made_with: str | None = "this") -> Path:
    made = folder / f"checkpoint-{steps}"
    made.mkdir(parents=True)
    (made / "model.safetensors").write_bytes(b"weights")
    (made / "trainer_state.json").write_bytes(b"{}")
    if made_with:
        checkpoints.complete(made, made_with)
    return made


def test_newest_checkpoint_is_the_one_with_the_most_steps(tmp_path: Path) -> None:
    made = [checkpoint(tmp_path, steps) for steps in (9, 100, 20)]
    (tmp_path / "checkpoint-x").mkdir()
    (tmp_path / "notes").write_text("")

    assert checkpoints.newest(tmp_path, "this") == made[1]


def test_there_may_be_no_checkpoint(tmp_path: Path) -> None:
    assert checkpoints.newest(tmp_path / "nowhere", "this") is None
    assert checkpoints.newest(tmp_path, "this") is None


@pytest.mark.parametrize("damage", ["unlisted", "shorter", "missing", "broken list", "empty list"])
def test_checkpoint_that_is_not_whole_is_passed_over(tmp_path: Path, damage: str) -> None:
    older, newer = checkpoint(tmp_path, 1), checkpoint(tmp_path, 2, None if damage == "unlisted" else "this")
    match damage:
        case "shorter":
            (newer / "model.safetensors").write_bytes(b"weigh")
        case "missing":
            (newer / "trainer_state.json").unlink()
        case "broken list":
            (newer / checkpoints.LIST).write_text('{"files":')
        case "empty list":
            (newer / checkpoints.LIST).write_text('{"files": {}, "made_with": "this"}')

    assert checkpoints.newest(tmp_path, "this") == older


def test_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    checkpoint(tmp_path, 3, "that")

    with pytest.raises(ProblemError, match="checkpoint-3: it was made with other hyperparameters, labels or pictures"):
        checkpoints.newest(tmp_path, "this")


def test_training_is_known_by_what_it_is_told() -> None:
    first, again, other = (checkpoints.identity({"epochs": 1, "labels": labels}) for labels in ("ab", "ab", "ac"))

    assert first == again != other
