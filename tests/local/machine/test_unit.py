"""systemd's units as a machine here understands them."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.machine import unit
from mlstack.local.machine.systemd import Systemd
from mlstack.local.machine.unit import Timer
from tests.local.machine.box import MACHINES

UNITS = sorted((MACHINES / "workstation/units").iterdir())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("30s", 30),
        ("5min", 300),
        ("1h 30min", 5400),
        ("1h30m", 5400),
        ("2 hours", 7200),
        ("1d", 86400),
        ("500ms", 0.5),
        ("1.5h", 5400),
    ],
)
def test_a_span_is_read_as_systemd_reads_it(text: str, seconds: float) -> None:
    assert unit.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", " ", "soon", "5 parsecs", "5min later", "-3", "1h,2m"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time span"):
        unit.seconds(text)


def test_a_service_runs_its_programs_in_their_order() -> None:
    text = "[Service]\nExecStart=/bin/second 'two words' \\\n  more\nExecStartPre=-/bin/first\nTimeoutStartSec=5min\n"

    found = unit.service(text, 3600)

    assert found.programs == (("/bin/first",), ("/bin/second", "two words", "more"))
    assert found.limit_s == 300
    assert unit.service("[Service]\nExecStart=/bin/true\nTimeoutStartSec=infinity\n", 290).limit_s == 290


def test_a_comment_sets_nothing() -> None:
    assert unit.settings("# A=1\n; B=2\nC=3\n[Unit]\nD\n") == {"C": ["3"]}


@pytest.mark.parametrize(("condition", "is_met"), [("/etc/there", True), ("/etc/gone", False), ("!/etc/gone", True)])
def test_a_condition_is_about_the_folder_of_the_machine(tmp_path: Path, condition: str, *, is_met: bool) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/there").symlink_to("nowhere")

    assert unit.met([condition], tmp_path) is is_met


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_units_of_the_project_are_understood(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    if path.suffix == ".timer":
        found = unit.timer(text)
        assert found.every_s < math.inf
        assert min(found.after_boot_s, found.after_start_s) < math.inf
    else:
        assert unit.service(text, 3600).programs


@given(st.builds(Timer, after_boot_s=st.floats(0, 1e5), after_start_s=st.floats(0, 1e5), every_s=st.floats(1, 1e5)))
def test_a_timer_is_never_due_before_it_was_started_or_ran(timer: Timer) -> None:
    assert timer.next(50.0, None) >= 50.0
    assert timer.next(50.0, 70.0) > 70.0


@pytest.fixture
def systemd(tmp_path: Path) -> Systemd:
    """One on whose machine two timers are enabled, one that runs each minute and one that does so each hour."""
    units = tmp_path / "root" / unit.FOLDER
    (units / "timers.target.wants").mkdir(parents=True)
    for name, lines in (
        ("often", "OnBootSec=30s\nOnUnitActiveSec=60s"),
        ("rarely", "OnActiveSec=1h\nOnUnitActiveSec=1h"),
    ):
        (units / f"{name}.timer").write_text(f"[Timer]\n{lines}\n")
        (units / "timers.target.wants" / f"{name}.timer").symlink_to(f"../{name}.timer")
    made = Systemd(tmp_path, 2.0)
    made.boot()
    return made


def test_what_runs_each_minute_runs_every_few_seconds_and_what_runs_each_hour_by_the_clock_of_the_machine(
    systemd: Systemd,
) -> None:
    moments = [(0.1, 100.0), (1.1, 101.0), (2.2, 102.1), (3700.0, 102.2), (3701.0, 102.3)]

    found = [list(systemd.due(uptime, now)) for uptime, now in moments]

    assert found == [["often.service"], [], ["often.service"], ["often.service", "rarely.service"], []]


def test_a_service_that_still_runs_is_due_when_it_ends(systemd: Systemd) -> None:
    first = list(systemd.due(0.1, 100.0))

    while_it_runs = list(systemd.due(500.0, 101.0, {"often.service"}))

    assert (first, while_it_runs) == (["often.service"], [])
    assert list(systemd.due(500.1, 101.1)) == ["often.service"]


def test_a_masked_timer_lets_nothing_run_until_it_is_unmasked(systemd: Systemd) -> None:
    systemd.mask("often.timer", masked=True)
    masked = list(systemd.due(0.1, 100.0)), systemd.timers()

    systemd.boot()
    after_a_boot = list(systemd.due(0.1, 100.0))
    systemd.mask("often.timer", masked=False)

    assert masked == ([], ["rarely.timer"])
    assert after_a_boot == []
    assert list(systemd.due(0.2, 100.1)) == ["often.service"]


def test_a_boot_forgets_what_was_asked_for_before_it(systemd: Systemd) -> None:
    asked = systemd.folder / "systemd/asked"
    (asked / "something.service").write_text("1")
    known = list(systemd.due(0.0, 0.0))

    (asked / "something.service").write_text("1")
    systemd.boot()

    assert "something.service" in known
    assert "something.service" not in list(systemd.due(0.0, 0.0))


def test_a_service_that_is_not_there_is_no_service(systemd: Systemd) -> None:
    assert systemd.service("nothing.service") is None
