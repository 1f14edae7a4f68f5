"""`keep-awake 2h` on the machine itself: for any user, bounded, and understood by the agent."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import keep_awake
import workstation_agent.keep_awake as agents
from keep_awake import FAULT, NotUnderstoodError
from tests.machines.interpreter import oldest
from tests.machines.workstation.booting import WORKSTATION

NOW = 1_763_802_000.5  # 2025-11-22 09:00 UTC
HOUR = 3600


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine that has booted, and allows eight hours."""
    (tmp_path / "run/mlstack").mkdir(parents=True)
    (tmp_path / "opt/mlstack").mkdir(parents=True)
    (tmp_path / "run/mlstack/keep-awake").touch()
    (tmp_path / "opt/mlstack/settings.json").write_text('{"keep_awake_hours": 8}')
    return tmp_path


def told(root: Path) -> str:
    return (root / "run/mlstack/keep-awake").read_text()


def say(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Say it as a person does."""
    command = [oldest(), "-I", str(WORKSTATION / "keep_awake.py"), *arguments]
    environment = {**os.environ, "MLSTACK_ROOT": str(root)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("asked", "span", "words"),
    [
        ("2h", 2 * HOUR, "2 h"),
        ("90m", 1.5 * HOUR, "1 h 30 min"),
        ("1h30m", 1.5 * HOUR, "1 h 30 min"),
        ("1m", 60, "1 min"),
        ("8h", 8 * HOUR, "8 h"),
    ],
)
def test_machine_is_kept_awake_for_as_long_as_was_asked(root: Path, asked: str, span: float, words: str) -> None:
    said = keep_awake.main([asked], root, NOW)

    assert NOW + span - 1 < float(told(root)) <= NOW + span
    assert said.startswith("Kept awake until 2025-11-22 ")
    assert f" UTC, for {words}. How long it may run at most, and its daily stop, stay as they are." in said


def test_wish_is_one_line_with_seconds_since_1970(root: Path) -> None:
    keep_awake.main(["2h"], root, NOW)

    assert told(root).split() == ["1763809200"]
    assert told(root).count("\n") == 1
    assert told(root).endswith("\n")


def test_more_than_the_machine_allows_is_bounded_in_words(root: Path) -> None:
    said = keep_awake.main(["12h"], root, NOW)

    assert float(told(root)) <= NOW + 8 * HOUR + 1
    assert said.startswith(
        "12 h is more than the 8 h that this machine allows at a time. Kept awake until 2025-11-22 17:00 UTC"
    )


def test_agent_reads_what_the_command_writes(root: Path) -> None:
    keep_awake.main(["2h"], root, NOW)
    wished = agents.filed(root)
    keep_awake.main(["off"], root, NOW)

    assert (wished, agents.filed(root)) == (int(NOW) + 2 * HOUR, 0)


def test_off_ends_it(root: Path) -> None:
    keep_awake.main(["2h"], root, NOW)

    said = keep_awake.main(["off"], root, NOW)

    assert float(told(root)) == 0
    assert said == "Not kept awake any more: it stops when nobody uses it."
    assert keep_awake.main([], root, NOW) == "Not kept awake: it stops when nobody uses it."


def test_no_word_says_until_when_and_changes_nothing(root: Path) -> None:
    keep_awake.main(["2h"], root, NOW)
    before = told(root)

    said = keep_awake.main([], root, NOW + HOUR)

    assert said == "Kept awake until 2025-11-22 11:00 UTC, for 1 h."
    assert told(root) == before


@pytest.mark.parametrize(
    "written", [b"", b"\n", b"nonsense", b"nan", b"inf", b"-inf", b"-5", b"\xff\xfe", b"1 2", b"1" * 5000]
)
def test_anything_else_in_the_file_is_no_wish(root: Path, written: bytes) -> None:
    (root / "run/mlstack/keep-awake").write_bytes(written)

    said = keep_awake.main([], root, NOW)

    assert said.startswith(("Not kept awake:", "Kept awake until 2025-11-22 17:00 UTC, for 8 h."))
    assert said.startswith("Kept") == (written == b"1" * 5000)


def test_wish_beyond_what_is_allowed_is_not_told_as_if_it_held(root: Path) -> None:
    (root / "run/mlstack/keep-awake").write_text("99999999999\n")

    assert keep_awake.main([], root, NOW) == "Kept awake until 2025-11-22 17:00 UTC, for 8 h."


def test_new_wish_covers_a_longer_line(root: Path) -> None:
    (root / "run/mlstack/keep-awake").write_text("x" * 500)

    keep_awake.main(["1h"], root, NOW)

    assert told(root).split() == ["1763805600"]


BAD = ["", "0h", "0m", "h", "2", "2d", "-2h", "2.5h", "2 h", "٢h", "30m1h", "99999h", "ON", "2h\n", "--help", "1e3h"]


@pytest.mark.parametrize("asked", BAD)
def test_what_is_no_time_is_refused_in_a_line_with_an_example(root: Path, asked: str) -> None:
    said = say(root, asked)

    assert (said.returncode, said.stdout) == (FAULT, "")
    assert said.stderr.count("\n") == 1
    assert "as in `keep-awake 2h`, 90m or 1h30m" in said.stderr
    assert told(root) == ""


def test_two_words_are_refused(root: Path) -> None:
    with pytest.raises(NotUnderstoodError, match="keep-awake 2h"):
        keep_awake.main(["2", "h"], root, NOW)


@given(text=st.text(max_size=12))
def test_any_text_is_a_positive_time_or_refused(text: str) -> None:
    try:
        span = keep_awake.seconds(text)
    except NotUnderstoodError:
        return
    assert 60 <= span <= 9999 * HOUR + 99_999 * 60


@given(hours=st.integers(0, 9999), minutes=st.integers(1, 99_999))
def test_hours_and_minutes_add_up(hours: int, minutes: int) -> None:
    assert (
        keep_awake.seconds(f"{hours}h{minutes}m") == keep_awake.seconds(f"{hours * 60 % 60}h{minutes}m") + hours * HOUR
    )


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"keep_awake_hours": "8"}',
        '{"keep_awake_hours": true}',
        '{"keep_awake_hours": NaN}',
        '{"keep_awake_hours": Infinity}',
        '{"keep_awake_hours": -1}',
    ],
)
def test_broken_settings_keep_nothing_awake_and_say_the_next_step(root: Path, settings: str) -> None:
    (root / "opt/mlstack/settings.json").write_text(settings)

    said = say(root, "2h")

    assert (said.returncode, said.stdout) == (FAULT, "")
    assert said.stderr.count("\n") == 1
    assert "See /var/log/mlstack-boot.log" in said.stderr
    assert told(root) == ""


@pytest.fixture
def strict(root: Path) -> Path:
    """A machine whose profile allows no keeping awake."""
    (root / "opt/mlstack/settings.json").write_text('{"keep_awake_hours": 0}')
    return root


def test_profile_that_allows_none_is_told_in_a_line(strict: Path) -> None:
    said = say(strict, "2h")

    assert (said.returncode, said.stdout) == (FAULT, "")
    assert said.stderr == (
        "keep-awake: this machine's profile allows none (keep_awake_hours = 0); who deploys it can raise that\n"
    )
    assert told(strict) == ""


def test_profile_that_allows_none_can_still_be_asked_and_a_wish_of_before_ended(strict: Path) -> None:
    (strict / "run/mlstack/keep-awake").write_text(f"{NOW + HOUR:.0f}\n")

    asked = keep_awake.main([], strict, NOW)
    ended = keep_awake.main(["off"], strict, NOW)

    assert asked == "Not kept awake, and its profile allows none: it stops when nobody uses it."
    assert ended == "Not kept awake any more: it stops when nobody uses it."
    assert float(told(strict)) == 0


def test_machine_where_nothing_is_installed_says_the_next_step(tmp_path: Path) -> None:
    said = say(tmp_path, "2h")

    assert (said.returncode, said.stdout) == (FAULT, "")
    assert "is mlstack installed?" in said.stderr


def test_file_that_is_gone_is_not_made_anew(root: Path) -> None:
    (root / "run/mlstack/keep-awake").unlink()

    assert say(root, "2h").returncode == FAULT
    assert list((root / "run/mlstack").iterdir()) == []


def test_user_who_is_not_root_can_say_it(root: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    (root / "run/mlstack/keep-awake").chmod(0o666)
    (root / "run/mlstack").chmod(0o755)
    for folder in (root, *root.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o755)

    said = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", "import sys; sys.argv[1:] = ['2h']; exec(sys.stdin.read())"],
        input=(WORKSTATION / "keep_awake.py").read_text(),
        capture_output=True,
        text=True,
        check=False,
        env={"MLSTACK_ROOT": str(root)},
        user=65534,
        cwd="/",
    )

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("Kept awake until ")
