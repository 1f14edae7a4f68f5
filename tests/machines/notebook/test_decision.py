"""What counts as use, when the instance stops, and when people are warned: the pure decision."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_use.memory import Memory, at_start
from machine_use.observation import Gpu, Kernel, Observation, Process
from notebook_agent.decision import decide
from notebook_agent.settings import GUARD_S, NEXT_TICK_S, TICK_S, Settings
from tests.machines.notebook.days import HOUR, INSTALLED, MINUTE, Day, Span, live

CLOCK = 1_800_000_000.0
NOW = 5 * HOUR
SETTINGS = Settings(idle_s=HOUR, longest_s=12 * HOUR)
LONG_AGO = CLOCK - 3 * HOUR
BEFORE = Memory(
    boot="boot",
    started=100.0,
    looked=NOW - TICK_S,
    used=NOW - 2 * HOUR,
    use="earlier",
    kernels={"open": LONG_AGO},
    terminals={"1": LONG_AGO},
    keystrokes={"0": LONG_AGO},
    cpu_s={"7 1": 50.0, "8 1": 1.0},
    gpu_memory_mib=[4000.0, 300.0],
    files="same",
)
IDLE = Observation(
    clock=CLOCK,
    kernels={"open": Kernel(is_busy=False, last_activity=LONG_AGO)},
    terminals={"1": LONG_AGO},
    keystrokes={"0": LONG_AGO},
    processes={"7 1": Process("python", 50.5, on_terminal=False), "8 1": Process("bash", 1.0, on_terminal=True)},
    gpus=[Gpu(0.0, 4000.0), Gpu(0.0, 300.0)],
    files="same",
)
WRITER = {"8 1": Process("python", 1.0, on_terminal=True)}


def working(name: str, share: float, *, count: int = 1, on_terminal: bool = False) -> dict[str, Process]:
    """New processes that took this share of a core since the last look."""
    return {f"{number} 9": Process(name, share * TICK_S, on_terminal) for number in range(count)}


USED = {
    "a busy kernel": replace(IDLE, kernels={"open": Kernel(is_busy=True, last_activity=LONG_AGO)}),
    "a kernel that said something": replace(IDLE, kernels={"open": Kernel(is_busy=False, last_activity=CLOCK - 60)}),
    "a new kernel": replace(IDLE, kernels={"new": Kernel(is_busy=False, last_activity=CLOCK - 60)}),
    "a kernel's date by a clock set back": replace(
        IDLE, kernels={"open": Kernel(is_busy=False, last_activity=CLOCK + 900)}
    ),
    "something typed": replace(IDLE, keystrokes={"0": CLOCK - 100}),
    "a new terminal with something typed": replace(IDLE, keystrokes={"0": LONG_AGO, "1": CLOCK - 100}),
    "a program that writes to a terminal": replace(IDLE, terminals={"1": CLOCK - 1}, processes=WRITER),
    "a training under nohup": replace(IDLE, processes=working("python", 1.0)),
    "six percent of a core": replace(IDLE, processes=working("wget", 0.061)),
    "eight workers of three percent": replace(IDLE, processes=working("python", 0.03, count=8)),
    "a kernel's thread that works on": replace(
        IDLE, processes={"7 1": Process("python", 50.0 + 0.5 * TICK_S, on_terminal=False)}
    ),
    "a busy GPU": replace(IDLE, gpus=[Gpu(0.0, 4000.0), Gpu(99.0, 300.0)]),
    "a GPU's memory that changes": replace(IDLE, gpus=[Gpu(0.0, 4000.0), Gpu(0.0, 9000.0)]),
    "a file that was saved": replace(IDLE, files="other"),
}
UNUSED = {
    "what is merely open": IDLE,
    "nothing at all": Observation(clock=CLOCK, processes={}),
    "nothing that can be read": Observation(clock=CLOCK, errors=["everything"]),
    "an old kernel that could not be read before": replace(
        IDLE, kernels={"new": Kernel(is_busy=False, last_activity=LONG_AGO)}
    ),
    "a new kernel with a date ahead of the clock": replace(
        IDLE, kernels={"new": Kernel(is_busy=False, last_activity=CLOCK + HOUR)}
    ),
    "a kernel without a date": replace(IDLE, kernels={"open": Kernel(is_busy=False, last_activity=None)}),
    "top in a terminal": replace(
        IDLE, terminals={"1": CLOCK - 1}, processes={"8 1": Process("top", 3.0, on_terminal=True)}
    ),
    "a shell that shows a message": replace(IDLE, terminals={"1": CLOCK - 1}),
    "watch nvidia-smi": replace(IDLE, processes=working("watch", 0.3, on_terminal=True)),
    "forty idle kernels": replace(IDLE, processes=working("python", 0.009, count=40)),
    "four percent of a core": replace(IDLE, processes=working("wget", 0.04)),
    "a GPU that keeps its memory": replace(IDLE, gpus=[Gpu(4.0, 4100.0), Gpu(0.0, 300.0)]),
    "GPUs that were not there": replace(IDLE, gpus=[]),
    "files that cannot be read": replace(IDLE, files=""),
    "processes that cannot be read": replace(IDLE, processes=None),
}


@pytest.mark.parametrize("seen", USED.values(), ids=USED)
def test_use_keeps_the_instance(seen: Observation) -> None:
    decision = decide(BEFORE, seen, SETTINGS, NOW)

    assert decision.stop is None
    assert 0 <= decision.idle_s <= 100
    assert decision.memory.use != "earlier"


@pytest.mark.parametrize("seen", UNUSED.values(), ids=UNUSED)
def test_no_use_stops_the_instance(seen: Observation) -> None:
    decision = decide(BEFORE, seen, SETTINGS, NOW)

    assert decision.stop == "nobody has used it for 120 min (last use: earlier)"
    assert decision.idle_s == 2 * HOUR


@pytest.mark.parametrize(
    "before",
    [replace(BEFORE, cpu_s=None), replace(BEFORE, looked=NOW)],
    ids=["the last look saw no processes", "no time has passed"],
)
def test_work_shows_only_between_two_looks(before: Memory) -> None:
    decision = decide(before, replace(IDLE, processes=working("python", 1.0)), SETTINGS, NOW)

    assert decision.stop


@pytest.mark.parametrize(
    ("age", "idle_s", "stops"),
    [
        (30 * MINUTE, 2 * HOUR, False),
        (GUARD_S - 1, MINUTE, False),
        (GUARD_S, MINUTE, True),
        (2 * HOUR, 2 * HOUR, True),
        (2 * HOUR - 1, 2 * HOUR, False),
    ],
)
def test_instance_that_was_never_used_stops_after_the_idle_time_and_the_guard(
    age: float, idle_s: float, *, stops: bool
) -> None:
    before = at_start("boot", 1000.0, 1000.0)

    decision = decide(before, IDLE, replace(SETTINGS, idle_s=idle_s), 1000.0 + age)

    assert bool(decision.stop) is stops


@pytest.mark.parametrize(
    ("left", "warned", "told"),
    [
        (2 * HOUR, None, False),
        (59 * MINUTE, None, True),
        (54 * MINUTE, HOUR, False),
        (11 * MINUTE, HOUR, True),
        (7 * MINUTE, 12 * MINUTE, False),
        (7 * MINUTE, None, True),
    ],
)
def test_people_are_warned_an_hour_and_ten_minutes_before_the_cap_and_once(
    left: float, warned: float | None, *, told: bool
) -> None:
    before = BEFORE if warned is None else replace(BEFORE, warned_s=warned)
    used = replace(IDLE, gpus=[Gpu(50.0, 300.0)])

    decision = decide(replace(before, started=0.0), used, replace(SETTINGS, longest_s=NOW + left), NOW)

    assert decision.stop is None
    assert decision.left_s == (left if told else None)
    again = decide(decision.memory, used, replace(SETTINGS, longest_s=NOW + left), NOW + 1)
    assert again.left_s is None


def test_decision_that_stops_warns_of_nothing() -> None:
    decision = decide(replace(BEFORE, started=0.0), IDLE, replace(SETTINGS, longest_s=NOW + 30 * MINUTE), NOW)

    assert decision.stop
    assert decision.left_s is None


SPANS = st.tuples(st.floats(0, 8 * HOUR), st.floats(1, 2 * HOUR)).map(lambda pair: Span(pair[0], sum(pair)))
LONG_SPANS = st.tuples(st.floats(0, 8 * HOUR), st.floats(12 * MINUTE, 2 * HOUR)).map(
    lambda pair: Span(pair[0], sum(pair))
)
MANY = st.lists(SPANS, max_size=4)
WORK = st.dictionaries(LONG_SPANS, st.floats(0.1, 4), max_size=3)
DAYS = st.builds(
    Day,
    cells=MANY,
    typing=MANY,
    writing=st.lists(LONG_SPANS, max_size=2),
    jobs=WORK,
    terminal_jobs=WORK,
    gpu=st.lists(LONG_SPANS, max_size=2),
    watcher=SPANS,
    idle_kernels=st.integers(0, 20),
)
EVERY = st.lists(st.floats(300, NEXT_TICK_S), min_size=1, max_size=5)
TIMES = st.builds(Settings, idle_s=st.floats(20 * MINUTE, 3 * HOUR), longest_s=st.floats(1 * HOUR, 24 * HOUR))
SIGNALS = ("kernels", "terminals", "keystrokes", "processes", "gpus", "files")
BLINDNESS = st.lists(st.sets(st.sampled_from(SIGNALS)), min_size=1, max_size=12)


@given(day=DAYS, settings=TIMES, every=EVERY)
def test_any_day_ends_by_its_idle_time_or_its_cap_and_never_in_use(
    day: Day, settings: Settings, every: list[float]
) -> None:
    stopped, decision = live(day, settings, every=every)

    idle = stopped - day.last_use(stopped)
    assert stopped - INSTALLED <= settings.longest_s
    if "it has run for" not in str(decision.stop):
        # A process is seen a tick after its beginning at the latest, and no more after its end; files are saved late
        assert settings.idle_s - NEXT_TICK_S - 1 <= idle <= settings.idle_s + NEXT_TICK_S + 120
        assert not any(span.begin + 2 * NEXT_TICK_S <= stopped < span.end for span in day.uses())


@given(settings=TIMES, every=EVERY, kernels=st.integers(0, 50))
def test_instance_without_any_use_never_outlives_its_idle_time_by_more_than_a_tick(
    settings: Settings, every: list[float], kernels: int
) -> None:
    stopped, _ = live(Day(idle_kernels=kernels), settings, every=every)

    assert stopped - INSTALLED <= min(settings.idle_s + NEXT_TICK_S, settings.longest_s)


@given(day=DAYS, settings=TIMES, every=EVERY, blindness=BLINDNESS)
def test_errors_never_delay_a_stop(
    day: Day, settings: Settings, every: list[float], blindness: list[Collection[str]]
) -> None:
    seeing, _ = live(day, settings, every=every)

    blind, _ = live(day, settings, every=every, unread=lambda number: blindness[number % len(blindness)])

    assert blind <= seeing


DATES = st.none() | st.floats(-1e12, 1e12)
NAMES = st.text(max_size=3)
LOOKS = st.builds(
    Observation,
    clock=st.floats(-1e12, 1e12),
    kernels=st.dictionaries(NAMES, st.builds(Kernel, st.booleans(), DATES), max_size=3),
    terminals=st.dictionaries(NAMES, DATES, max_size=3),
    keystrokes=st.dictionaries(NAMES, st.floats(-1e12, 1e12), max_size=3),
    processes=st.none()
    | st.dictionaries(NAMES, st.builds(Process, NAMES, st.floats(0, 1e9), st.booleans()), max_size=3),
    gpus=st.lists(st.builds(Gpu, st.floats(0, 100), st.floats(0, 1e6)), max_size=3),
    files=NAMES,
)


@given(looks=st.lists(LOOKS, min_size=1, max_size=30), settings=TIMES, gap=st.floats(1, NEXT_TICK_S))
def test_whatever_is_seen_no_instance_lives_beyond_its_cap(
    looks: list[Observation], settings: Settings, gap: float
) -> None:
    memory, now = at_start("boot", 0.0, 0.0), 0.0

    while True:
        decision = decide(memory, looks[int(now / gap) % len(looks)], settings, now)
        assert 0 <= decision.idle_s <= now
        if decision.stop:
            break
        memory, now = decision.memory, now + gap * 20 if settings.longest_s - now > 25 * gap else now + gap

    assert now <= settings.longest_s
