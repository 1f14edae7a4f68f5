"""Chromium is found, or installed where that is ours to do, or its absence is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import chromium

Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Write programs into the only folder on the PATH but those of the shell."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Who runs this: root, or by indirect parametrization somebody else."""
    number: int = getattr(request, "param", 0)
    monkeypatch.setattr("os.geteuid", lambda: number)
    return number


def test_a_chromium_on_the_path_is_used(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    there = program("chromium", "echo Chromium 156")

    chromium.main()

    assert chromium.found() == str(there)
    assert capsys.readouterr().err == f"chromium: found {there}, Chromium 156\n"


def test_a_chromium_that_does_not_start_is_none(program: Program) -> None:
    program("chromium", "exit 1")
    other = program("google-chrome", "echo Chrome 156")

    assert chromium.found() == str(other)


def test_it_is_installed_where_that_is_ours_to_do(
    program: Program, user: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert user == 0
    installing = f"printf '#!/bin/sh\\necho Chromium 156\\n' > {tmp_path}/chromium && /bin/chmod +x {tmp_path}/chromium"
    program("apt-get", f'echo "$@" >> {tmp_path}/log; case "$*" in *install*) {installing};; esac')

    chromium.main()

    assert [line.split()[-1] for line in (tmp_path / "log").read_text().splitlines()] == ["update", "chromium"]
    assert capsys.readouterr().err == f"chromium: installed {tmp_path}/chromium, Chromium 156\n"


@pytest.mark.parametrize(
    ("user", "apt", "reason"),
    [
        (1000, "echo", "this is not root on a Debian"),
        (0, None, "this is not root on a Debian"),
        (0, "echo E: no network; exit 100", "apt-get update said: E: no network"),
        (0, "exit 100", "apt-get update said: nothing"),
        (0, "exit 0", "the one installed does not start"),
    ],
    indirect=["user"],
)
@pytest.mark.usefixtures("user")
def test_where_there_is_none_that_is_said_with_what_to_do(
    program: Program, capsys: pytest.CaptureFixture[str], apt: str | None, reason: str
) -> None:
    if apt is not None:
        program("apt-get", apt)

    with pytest.raises(SystemExit, match="2"):
        chromium.main()

    said = capsys.readouterr().err
    assert reason in said
    assert "sudo apt-get install chromium" in said
    assert len(said.splitlines()) == 1
