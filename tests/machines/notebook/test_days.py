"""Whole days: what works is never stopped, and what is forgotten is paid for an hour and no more."""

import pytest

from notebook_agent.settings import TICK_S, Settings
from tests.machines.notebook.days import HOUR, INSTALLED, MINUTE, Day, Span, live, right

SETTINGS = Settings(idle_s=HOUR, longest_s=12 * HOUR)
MORNING = Span(0.2 * HOUR, 1.5 * HOUR)

DAYS = {
    "nobody ever comes": Day(idle_kernels=0),
    "a notebook and a terminal are opened and forgotten": Day(),
    "a cell runs for hours": Day(cells=[Span(0.3 * HOUR, 7 * HOUR)]),
    "a cell waits for hours for a training job elsewhere": Day(cells=[Span(0.5 * HOUR, 9 * HOUR)], idle_kernels=0),
    "cells, a meeting and cells again": Day(cells=[MORNING, Span(2.4 * HOUR, 2.41 * HOUR), Span(3.2 * HOUR, 4 * HOUR)]),
    "a training under nohup": Day(typing=[Span(300, 310)], jobs={Span(320, 8 * HOUR): 1.0}),
    "a training under nohup that mostly waits for its disk": Day(typing=[MORNING], jobs={Span(320, 8 * HOUR): 0.08}),
    "one short job of cron after the other": Day(
        jobs={Span(begin * HOUR, (begin + 0.25) * HOUR): 0.5 for begin in (0.5, 1.2, 1.9, 2.6)}
    ),
    "a training in a terminal": Day(typing=[Span(600, 620)], terminal_jobs={Span(620, 6 * HOUR): 1.5}),
    "a long upload in a terminal": Day(typing=[Span(600, 620)], terminal_jobs={Span(620, 6 * HOUR): 0.02}),
    "a job on the GPU whose process sleeps": Day(typing=[Span(600, 620)], gpu=[Span(620, 5 * HOUR)]),
    "an essay in a notebook": Day(writing=[Span(0.5 * HOUR, 4 * HOUR)]),
    "work in a terminal only": Day(typing=[Span(begin * HOUR, begin * HOUR + 20) for begin in (0.5, 1.4, 2.3, 3.2)]),
    "a watch on the GPU is forgotten": Day(typing=[MORNING], watcher=Span(1.4 * HOUR, 99 * HOUR)),
    "many kernels are forgotten": Day(cells=[MORNING], idle_kernels=40),
}


@pytest.mark.parametrize("every", [(300.0,), (304.9, 300.2, 345.0)], ids=["steady", "late"])
@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_day_ends_an_hour_after_its_last_use(day: Day, every: tuple[float, ...]) -> None:
    stopped, decision = live(day, SETTINGS, every=every)

    idle = stopped - day.last_use(stopped)
    assert "nobody" in str(decision.stop)
    assert SETTINGS.idle_s - TICK_S <= idle <= SETTINGS.idle_s + max(every)


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_day_is_never_ended_in_the_middle_of_use(day: Day) -> None:
    stopped, _ = live(day, SETTINGS)

    assert not any(span.holds(stopped) for span in day.uses())
    assert day.last_use(99 * HOUR) == day.last_use(stopped)


@pytest.mark.parametrize(
    "day",
    [
        Day(cells=[Span(0, 99 * HOUR)]),
        Day(jobs={Span(0, 99 * HOUR): 1.0}),
        Day(gpu=[Span(0, 99 * HOUR)], terminal_jobs={Span(0, 99 * HOUR): 1.0}),
    ],
    ids=["cell", "nohup", "everything"],
)
def test_day_without_end_is_ended_just_before_its_cap(day: Day) -> None:
    stopped, decision = live(day, SETTINGS)

    assert "it has run for" in str(decision.stop)
    assert 0 <= SETTINGS.longest_s - (stopped - INSTALLED) <= 6 * MINUTE


@pytest.mark.parametrize("moment", [0.7 * HOUR, 1.7 * HOUR, 2.2 * HOUR, 3.5 * HOUR])
@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR, 9e8, -9e8])
def test_clock_that_is_set_changes_nothing(moment: float, jump: float) -> None:
    day = Day(cells=[MORNING, Span(2 * HOUR, 3 * HOUR)])

    stopped, _ = live(day, SETTINGS, clock=lambda uptime: right(uptime) + (jump if uptime >= moment else 0))

    assert 0 <= stopped - day.last_use(stopped) - SETTINGS.idle_s <= 2 * TICK_S
