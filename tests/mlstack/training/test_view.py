"""Progress in a terminal of any width: what a step is and its clock are always there, and the numbers are cut."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from mlstack.training import view

NUMBERS = "3 of 60 epochs  validation:loss=1.07  validation:accuracy=0.41  train:loss=1.01"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What colours a terminal, or moves its cursor."""
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always the same moment."""
    monkeypatch.setattr(view, "now", lambda: NOW)


def terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> io.StringIO:
    """A terminal so wide."""
    written = io.StringIO()
    monkeypatch.setattr(view, "err", Console(file=written, force_terminal=True, width=width, soft_wrap=True))
    return written


def last_line(written: io.StringIO) -> str:
    """What stands there in the end, without its colours."""
    plain = CONTROL.sub("", written.getvalue()).replace("\r", "\n")
    return next(line for line in reversed(plain.splitlines()) if line.strip())


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_name_and_clock_and_the_first_number_are_there_at_any_width(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    written = terminal(monkeypatch, width)

    with view.shown() as seen:
        seen.began("Spot attempt 1", NOW - timedelta(minutes=3, seconds=5))
        seen.now("", NUMBERS)

    line = last_line(written)
    assert "Spot attempt 1" in line
    assert "0:03:05" in line
    assert "3 of 60 epochs" in line
    assert len(line) <= width


def test_a_step_that_has_ended_keeps_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    written = terminal(monkeypatch, 80)

    with view.shown() as seen:
        seen.began("Spot attempt 1", NOW - timedelta(hours=2))
        seen.ended(well=False, at=NOW - timedelta(minutes=90))

    assert "0:30:00" in last_line(written)


def test_a_step_that_begins_ahead_of_the_clock_begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    written = terminal(monkeypatch, 80)

    with view.shown() as seen:
        seen.began("Spot attempt 1", NOW + timedelta(hours=2))

    assert "0:00:00" in last_line(written)
