"""A deploy or a destroy of a folder does not meet another one."""

import os
from pathlib import Path

import pytest

from mlstack.errors import UserError
from mlstack.local.turn import NAME, turn


@pytest.mark.parametrize("first", ["deploy", "destroy"])
@pytest.mark.parametrize("second", ["deploy", "destroy"])
def test_the_second_is_told_of_the_first(tmp_path: Path, first: str, second: str) -> None:
    said = rf"^a {first} runs in this folder \(process {os.getpid()}\); wait for its end, or end it$"

    with turn(tmp_path, first), pytest.raises(UserError, match=said), turn(tmp_path, second):
        pass


def test_one_that_has_not_written_who_it_is_yet_is_told_of_all_the_same(tmp_path: Path) -> None:
    with turn(tmp_path, "destroy"):
        (tmp_path / NAME).write_text("")

        with pytest.raises(UserError, match=r"^a deploy runs in this folder; wait"), turn(tmp_path, "deploy"):
            pass


def test_one_that_ended_is_in_nobodys_way(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), turn(tmp_path, "deploy"):
        raise ZeroDivisionError

    with turn(tmp_path, "destroy"):
        assert (tmp_path / NAME).read_text() == f"{os.getpid()} destroy"
