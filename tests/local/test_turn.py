"""Two deploys of one folder do not meet."""

import os
from pathlib import Path

import pytest

from mlstack.errors import UserError
from mlstack.local.turn import turn


def test_a_second_deploy_is_told_of_the_first(tmp_path: Path) -> None:
    said = rf"^another deploy runs in this folder \(process {os.getpid()}\); wait for its end, or end it$"

    with turn(tmp_path), pytest.raises(UserError, match=said), turn(tmp_path):
        pass


def test_a_deploy_that_ended_is_in_nobodys_way(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), turn(tmp_path):
        raise ZeroDivisionError

    with turn(tmp_path):
        assert (tmp_path / "deploy.lock").read_text() == str(os.getpid())
