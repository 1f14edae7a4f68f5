"""A profile is a name in config/ or a path, checked before anything starts."""

from pathlib import Path

import pytest

from mlstack.errors import UserError
from mlstack.local.profile import resolve


def test_profile_name_stays_a_name() -> None:
    assert resolve("sandbox") == "sandbox"


def test_profile_path_becomes_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").touch()
    monkeypatch.chdir(tmp_path)

    assert resolve("mine.toml") == str(tmp_path.resolve() / "mine.toml")


@pytest.mark.parametrize(
    ("profile", "said"),
    [("nope", "must be one of production, sandbox, team"), ("nope.toml", "no such file"), ("", "must be one of")],
)
def test_profile_that_is_not_there_is_refused(profile: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        resolve(profile)
