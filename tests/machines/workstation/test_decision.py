"""What counts as use, when a workstation stops, and when people are warned: the pure decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machine_use.observation import Gpu, Kernel, Process
from workstation_agent.decision import decide
from workstation_agent.gauges import AT_START, GAUGES
from workstation_agent.logins import ARRIVAL_S
from workstation_agent.memory import Memory, at_start
from workstation_agent.observation import Observation
from workstation_agent.settings import GUARD_S, NEXT_TICK_S, TICK_S, Settings

MINUTE, HOUR, KIB, MIB = 60.0, 3600.0, 1024.0, 1024.0**2
CLOCK = 1_800_000_000.0
NOW = 5 * HOUR
SETTINGS = Settings()
LONG_AGO = CLOCK - 3 * HOUR
BEFORE = Memory(
    boot="boot",
    started=100.0,
    looked=NOW - TICK_S,
    used=NOW - 2 * HOUR,
    use="earlier",
    kernels={"open": LONG_AGO},
    keystrokes={"0": LONG_AGO, "1": LONG_AGO},
    output={"0": LONG_AGO, "1": LONG_AGO},
    cpu_s={"7 1": 50.0, "8 1": 1.0},
    gpu_memory_mib=[4000.0, 300.0],
    files="same",
    storage_bytes={"7 1": 4000.0, "8 1": 0.0},
    network_bytes=9000.0,
)
SHELL = Process("bash", 1.0, on_terminal=True, terminal="0")
IDLE = Observation(
    clock=CLOCK,
    kernels={"open": Kernel(is_busy=False, last_activity=LONG_AGO)},
    keystrokes={"0": LONG_AGO, "1": LONG_AGO},
    output={"0": LONG_AGO, "1": LONG_AGO},
    processes={"7 1": Process("python", 50.1, on_terminal=False), "8 1": SHELL},
    gpus=[Gpu(0.0, 4000.0), Gpu(0.0, 300.0)],
    files="same",
    storage_bytes={"7 1": 4000.0, "8 1": 0.0},
    network_bytes=9000.0,
    kept_until=0.0,
    tagged_until=0.0,
)


def working(name: str, share: float, *, count: int = 1) -> dict[str, Process]:
    """New processes that took this share of a core since the last look."""
    return {f"{number} 9": Process(name, share * TICK_S, on_terminal=False) for number in range(count)}


def on_terminal(name: str, terminal: str = "1") -> dict[str, Process]:
    """A program that a terminal shows, beside a shell in the other one."""
    return {"8 1": SHELL, "9 1": Process(name, 0.0, on_terminal=True, terminal=terminal)}


SHOWN = {"0": LONG_AGO, "1": CLOCK - 5}
USED = {
    "a busy kernel": replace(IDLE, kernels={"open": Kernel(is_busy=True, last_activity=LONG_AGO)}),
    "a kernel that said something": replace(IDLE, kernels={"open": Kernel(is_busy=False, last_activity=CLOCK - 60)}),
    "something typed": replace(IDLE, keystrokes={"0": CLOCK - 50, "1": LONG_AGO}),
    "a login": replace(IDLE, keystrokes={**IDLE.keystrokes, "2": CLOCK - 50}),
    "a program that writes to its terminal": replace(IDLE, output=SHOWN, processes=on_terminal("python")),
    "a program that writes to an unknown terminal": replace(IDLE, output=SHOWN, processes=on_terminal("python", "")),
    "a training under nohup": replace(IDLE, processes=working("python", 1.0)),
    "eight loaders": replace(IDLE, processes=working("pt_data_worker", 0.04, count=8)),
    "a container's program": replace(IDLE, processes=working("node", 0.5)),
    "a busy GPU, the last of them": replace(IDLE, gpus=[Gpu(0.0, 4000.0), Gpu(5.0, 300.0)]),
    "a GPU's memory that changes": replace(IDLE, gpus=[Gpu(0.0, 4000.0), Gpu(0.0, 9000.0)]),
    "a saved file": replace(IDLE, files="other"),
}
UNUSED = {
    "what is merely open": IDLE,
    "nothing at all": Observation(clock=CLOCK, processes={}),
    "nothing that can be read": Observation(clock=CLOCK, errors=["everything"]),
    "watch nvidia-smi": replace(
        IDLE, output=SHOWN, processes={**on_terminal("watch"), **working("nvidia-smi", 0.3), **working("watch", 0.2)}
    ),
    "top beside an open vim": replace(
        IDLE,
        output=SHOWN,
        processes={**on_terminal("top"), "10 1": Process("vim", 0.0, on_terminal=True, terminal="0")},
    ),
    "the clock in tmux's last line": replace(IDLE, output=SHOWN, processes=on_terminal("tmux: client")),
    "forty idle kernels": replace(IDLE, processes=working("python", 0.009, count=40)),
    "an editor that looks for updates": replace(IDLE, processes=working("node", 0.1)),
    "a checkpoint of an idle database": replace(IDLE, storage_bytes={"7 1": 4000.0 + 50 * MIB}),
    "a package that the system fetches": replace(IDLE, network_bytes=9000.0 + 300 * MIB),
    "a counter of the network that began anew": replace(IDLE, network_bytes=0.0),
    "a GPU that keeps its memory": replace(IDLE, gpus=[Gpu(4.0, 4100.0), Gpu(0.0, 300.0)]),
    "GPUs that were not there": replace(IDLE, gpus=[]),
    "files that cannot be read": replace(IDLE, files=""),
    "processes that cannot be read": replace(IDLE, processes=None, storage_bytes=None),
    "a network that cannot be read": replace(IDLE, network_bytes=None),
}


@pytest.mark.parametrize("seen", USED.values(), ids=USED)
def test_use_keeps_the_workstation(seen: Observation) -> None:
    decision = decide(BEFORE, seen, SETTINGS, NOW)

    assert decision.stop is None
    assert 0 <= decision.idle_s <= 60
    assert decision.memory.use != "earlier"


@pytest.mark.parametrize("seen", UNUSED.values(), ids=UNUSED)
def test_no_use_stops_the_workstation(seen: Observation) -> None:
    decision = decide(BEFORE, seen, SETTINGS, NOW)

    assert decision.stop == "nobody has used it for 120 min (last use: earlier)"
    assert decision.idle_s == 2 * HOUR


LATELY = replace(BEFORE, used=NOW - 29 * MINUTE, touched=NOW - 29 * MINUTE, sessions=["40 1"])


def connected(*keys: str, name: str = "sshd", after: float = 0.0) -> Observation:
    """A look, so many seconds later, at a machine with these sessions and the one that was open before."""
    sessions = {key: Process(name, 0.1, on_terminal=False) for key in ("40 1", *keys)}
    return replace(IDLE, clock=CLOCK + after, processes={"8 1": SHELL, **sessions})


@pytest.mark.parametrize("name", ["sshd", "sshd-session", "ssm-session-wor"])
def test_login_in_the_last_minute_gives_time_to_do_something(name: str) -> None:
    arrived = decide(LATELY, connected("50 1", name=name), SETTINGS, NOW)
    waiting = decide(arrived.memory, connected("50 1", after=720), SETTINGS, NOW + 12 * MINUTE)
    saved = decide(waiting.memory, replace(connected("50 1", after=750), files="other"), SETTINGS, NOW + 750)
    forgotten = decide(arrived.memory, connected("50 1", after=780), SETTINGS, NOW + 13 * MINUTE)

    assert arrived.memory.use == "somebody logged in"
    assert [each.ends_s for each in (arrived, waiting, saved)] == [13 * MINUTE, MINUTE, 30 * MINUTE]
    assert forgotten.stop == "nobody has used it for 30 min (last use: somebody logged in)"


def test_login_soon_after_another_use_is_a_use_like_any_other() -> None:
    decision = decide(replace(LATELY, touched=NOW - ARRIVAL_S), connected("50 1"), SETTINGS, NOW)

    assert (decision.idle_s, decision.ends_s) == (0, 30 * MINUTE)


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        (LATELY, connected()),
        (LATELY, IDLE),
        (LATELY, connected("50 1", name="ssh")),
        (LATELY, replace(IDLE, processes=None)),
        (replace(LATELY, sessions=None), connected("50 1")),
        (replace(LATELY, used=NOW - 5 * MINUTE), connected("50 1")),
    ],
    ids=["open", "ended", "going out", "unreadable", "of before the agent", "long after the last other use"],
)
def test_session_that_is_not_new_or_not_the_first_is_no_use(before: Memory, seen: Observation) -> None:
    decision = decide(before, seen, SETTINGS, NOW)

    assert (decision.memory.use, decision.memory.used) == ("earlier", before.used)


def test_login_while_processes_could_not_be_read_counts_once_they_can() -> None:
    blind = decide(LATELY, replace(IDLE, processes=None, storage_bytes=None), SETTINGS, NOW).memory

    decision = decide(blind, connected("50 1", after=30), SETTINGS, NOW + 30)

    assert decision.memory.use == "somebody logged in"
    assert decide(blind, connected(after=30), SETTINGS, NOW + 30).memory.use == "earlier"


def test_first_login_after_a_start_gives_time_too() -> None:
    before = replace(at_start("boot", 1000.0, 1000.0), sessions=[])

    decision = decide(before, connected(), SETTINGS, 1000 + 29 * MINUTE)

    assert (decision.memory.used, decision.memory.use) == (1000 + ARRIVAL_S, "somebody logged in")


def test_laptop_that_connects_again_every_minute_prolongs_an_idle_time_once() -> None:
    memory, minute = replace(LATELY, used=NOW, touched=NOW), 0

    while (decision := decide(memory, connected(f"5{minute} 1"), SETTINGS, NOW + 60 * minute)).stop is None:
        memory, minute = decision.memory, minute + 1

    assert minute == 30 + ARRIVAL_S / 60


def test_use_between_two_logins_lets_the_later_one_count() -> None:
    first = decide(LATELY, connected("50 1"), SETTINGS, NOW)
    typed = replace(connected("50 1", after=60), keystrokes={"0": CLOCK + 55})
    used = decide(first.memory, typed, SETTINGS, NOW + MINUTE)

    again = decide(used.memory, connected("60 1", after=1200), SETTINGS, NOW + 20 * MINUTE)

    assert again.memory.use == "somebody logged in"
    assert again.memory.used == used.memory.used + ARRIVAL_S


QUIET = replace(BEFORE, looked=NOW)


@dataclass(frozen=True)
class Load:
    """What a process does in every so many minutes: cores, and bytes a second; nothing in the others."""

    cores: float = 0.0
    disk: float = 0.0
    net: float = 0.0
    every: int = 1

    def passing(self, memory: Memory, minutes: int) -> Memory:
        """What is remembered after so many minutes of it."""
        began, cpu_s, moved, came = memory.looked, 0.0, 0.0, memory.network_bytes or 0.0
        for minute in range(1, minutes + 1):
            if minute % self.every == 0:
                cpu_s, moved, came = cpu_s + self.cores * 60, moved + self.disk * 60, came + self.net * 60
            now = began + 60 * minute
            seen = replace(
                IDLE,
                clock=CLOCK + now - NOW,
                processes={"8 1": SHELL, f"20 {began}": Process("x", cpu_s, on_terminal=False)},
                storage_bytes={f"20 {began}": moved},
                network_bytes=came,
            )
            memory = decide(memory, seen, replace(SETTINGS, idle_s=90 * HOUR, longest_s=99 * HOUR), now).memory
        return memory


@pytest.mark.parametrize(
    ("load", "within"),
    [
        (Load(cores=0.07), 5),
        (Load(cores=0.1), 3),
        (Load(cores=0.165, every=3), 6),
        (Load(cores=1.0), 1),
        (Load(cores=0.6, every=5), 5),
        (Load(disk=80 * KIB), 7),
        (Load(disk=10 * MIB), 2),
        (Load(net=33 * KIB), 3),
        (Load(net=100 * MIB), 3),
        (Load(net=100 * MIB, every=2), 0),
    ],
)
def test_slow_work_is_use_once_it_has_lasted(load: Load, within: int) -> None:
    first = next((minute for minute in range(1, 60) if load.passing(QUIET, minute).use != "earlier"), 0)

    assert first == within


@pytest.mark.parametrize(
    "load",
    [
        Load(cores=0.055),
        Load(cores=10.0 / 60, every=4),
        Load(cores=4.0 / 60, every=20),
        Load(disk=60 * KIB),
        Load(disk=MIB, every=10),
        Load(net=30 * KIB),
        Load(net=100 * MIB, every=2),
    ],
)
def test_noise_never_adds_up_to_use(load: Load) -> None:
    assert load.passing(QUIET, 600).use == "earlier"


def test_bursts_of_an_editor_beside_an_open_tensorboard_prolong_nothing_after_work() -> None:
    worked = Load(cores=1.0).passing(QUIET, 10)
    memory = worked

    for _ in range(50):
        memory = Load(cores=0.03).passing(memory, 4)
        memory = Load(cores=0.03 + 4.5 / 60).passing(memory, 1)

    assert worked.used == worked.looked
    assert memory.used == worked.used


def test_traffic_prolongs_nothing_after_it_is_over() -> None:
    fetched = Load(net=50 * MIB).passing(QUIET, 6)

    later = Load(net=MIB, every=3).passing(fetched, 600)

    assert fetched.used == fetched.looked
    assert later.used <= fetched.used + 3 * MINUTE


def test_transfer_that_pauses_goes_on_counting() -> None:
    rested = Load().passing(Load(net=MIB).passing(QUIET, 10), 1)

    again = Load(net=MIB).passing(rested, 1)

    assert again.used == again.looked


@pytest.mark.parametrize("age", [60.0, 10 * MINUTE, 5 * HOUR])
def test_where_nothing_is_remembered_work_shows_by_two_looks(age: float) -> None:
    first = decide(at_start("boot", 0.0, age), IDLE, SETTINGS, age).memory
    works = {"7 1": Process("python", 50.1 + 0.07 * 20, on_terminal=False), "8 1": SHELL}

    decision = decide(first, replace(IDLE, processes=works), SETTINGS, age + 20)

    assert decision.stop is None
    assert decision.idle_s == 0


@pytest.mark.parametrize(
    ("age", "idle_s", "stops"),
    [
        (GUARD_S - 1, 5 * MINUTE, False),
        (GUARD_S, 5 * MINUTE, True),
        (30 * MINUTE - 1, 30 * MINUTE, False),
        (30 * MINUTE, 30 * MINUTE, True),
    ],
)
def test_box_that_was_never_used_stops_too_but_a_person_gets_to_log_in(
    age: float, idle_s: float, *, stops: bool
) -> None:
    before = at_start("boot", 1000.0, 1000.0)

    decision = decide(before, IDLE, replace(SETTINGS, idle_s=idle_s), 1000.0 + age)

    assert bool(decision.stop) is stops


def countdown(memory: Memory, seconds: Sequence[float], *, idle_s: float = 1800.0) -> list[int]:
    """Tick at these times after the last use, and say of how many minutes people hear."""
    told = []
    for second in seconds:
        decision = decide(memory, IDLE, replace(SETTINGS, idle_s=idle_s), memory.used + second)
        if decision.left_s is not None:
            told.append(round(decision.left_s / 60))
        memory = decision.memory
        if decision.stop:
            return [*told, 0]
    return told


FRESH = replace(BEFORE, used=NOW, looked=NOW)


def test_people_hear_of_ten_five_two_and_one_minute_and_then_it_stops() -> None:
    assert countdown(FRESH, range(0, 2000, 60)) == [10, 5, 2, 1, 0]


def test_people_who_were_told_hear_it_again_only_after_another_use() -> None:
    warned = decide(FRESH, IDLE, SETTINGS, NOW + 21 * MINUTE)
    typed = replace(IDLE, clock=CLOCK + 60, keystrokes={"0": CLOCK + 55})

    used = decide(warned.memory, typed, SETTINGS, NOW + 22 * MINUTE)

    assert warned.left_s == 9 * MINUTE
    assert (used.left_s, used.stop) == (None, None)
    assert countdown(used.memory, [5 * MINUTE, 20 * MINUTE, 21 * MINUTE, 25 * MINUTE]) == [10, 5]


def test_agent_s_own_message_is_no_use_whatever_shows_it() -> None:
    warned = decide(FRESH, replace(IDLE, processes=on_terminal("vim")), SETTINGS, NOW + 20 * MINUTE)
    shown = replace(IDLE, clock=CLOCK + 60, output={"0": CLOCK - 7, "1": CLOCK + 2}, processes=on_terminal("vim"))
    later = replace(shown, clock=CLOCK + 120, output={**shown.output, "1": CLOCK + 100})

    after = decide(warned.memory, shown, SETTINGS, NOW + 21 * MINUTE)

    assert after.idle_s == 21 * MINUTE
    assert decide(after.memory, later, SETTINGS, NOW + 22 * MINUTE).memory.use == "a program writes to a terminal"


@pytest.mark.parametrize(
    ("left", "warned", "told"),
    [
        (2 * HOUR, None, False),
        (59 * MINUTE, None, True),
        (54 * MINUTE, HOUR, False),
        (11 * MINUTE, HOUR, True),
        (7 * MINUTE, 12 * MINUTE, False),
    ],
)
def test_people_are_warned_an_hour_and_twelve_minutes_before_the_cap_and_once(
    left: float, warned: float | None, *, told: bool
) -> None:
    before = replace(BEFORE, started=0.0) if warned is None else replace(BEFORE, started=0.0, warned_s=warned)
    used = replace(IDLE, gpus=[Gpu(50.0, 300.0)])
    capped = replace(SETTINGS, longest_s=NOW + left)

    decision = decide(before, used, capped, NOW)

    assert decision.stop is None
    assert (decision.left_s, decision.is_idle) == (left if told else None, False)
    assert decide(decision.memory, used, capped, NOW + 1).left_s is None


def test_cap_stops_what_is_used_and_kept_awake() -> None:
    used = replace(IDLE, gpus=[Gpu(99.0, 4000.0)], kept_until=CLOCK + HOUR)

    decision = decide(replace(BEFORE, started=0.0), used, replace(SETTINGS, longest_s=NOW + 72), NOW)

    assert decision.stop == "it has run for 5.0 h, and may for 5.02 h"
    assert decision.left_s is None


@pytest.mark.parametrize(
    "asked", [replace(IDLE, kept_until=CLOCK + 2 * HOUR), replace(IDLE, tagged_until=CLOCK + 2 * HOUR)]
)
def test_wish_keeps_an_idle_workstation_awake_and_ends_after_a_countdown(asked: Observation) -> None:
    memory, told, stopped = replace(BEFORE, used=NOW - HOUR), [], 0.0

    for minute in range(200):
        seen = replace(asked, clock=CLOCK + 60 * minute)
        decision = decide(memory, seen, SETTINGS, NOW + 60 * minute)
        memory = decision.memory
        if decision.left_s is not None:
            told.append(round(decision.left_s / 60))
        if decision.stop:
            stopped = minute
            break
        assert decision.kept_s == 2 * HOUR - 60 * minute

    assert told == [10, 5, 2, 1]
    assert stopped == 120


@pytest.mark.parametrize("ahead", [9 * HOUR, 300 * 24 * HOUR, 1e300])
def test_date_far_ahead_holds_the_workstation_once_and_no_longer_than_allowed(ahead: float) -> None:
    seen = replace(IDLE, tagged_until=CLOCK + ahead)
    settings = replace(SETTINGS, longest_s=99 * HOUR)

    first = decide(BEFORE, seen, settings, NOW)
    last = decide(replace(first.memory, looked=NOW + 8 * HOUR - 61), seen, settings, NOW + 8 * HOUR - 1)
    over = decide(last.memory, replace(seen, clock=CLOCK - 99 * HOUR), settings, NOW + 8 * HOUR)

    assert (first.kept_s, first.stop, last.stop) == (8 * HOUR, None, None)
    assert over.stop


def test_stale_tag_does_not_hide_a_new_wish_of_a_person() -> None:
    spent = {"tag": [CLOCK + 99 * HOUR, NOW - 60.0]}
    seen = replace(IDLE, tagged_until=CLOCK + 99 * HOUR, kept_until=CLOCK + HOUR)

    assert decide(replace(BEFORE, wishes=spent), seen, SETTINGS, NOW).kept_s == HOUR


def test_wish_that_is_taken_back_ends_at_once_and_one_that_cannot_be_read_goes_on() -> None:
    kept = decide(BEFORE, replace(IDLE, kept_until=CLOCK + HOUR), SETTINGS, NOW).memory

    blind = decide(kept, replace(IDLE, kept_until=None, tagged_until=None), SETTINGS, NOW + 60)
    off = decide(kept, replace(IDLE, kept_until=0.0), SETTINGS, NOW + 60)

    assert (blind.kept_s, blind.stop) == (HOUR - 60, None)
    assert off.stop


def test_shorter_bound_holds_for_a_wish_that_was_seen_before() -> None:
    kept = decide(BEFORE, replace(IDLE, kept_until=CLOCK + 8 * HOUR), SETTINGS, NOW).memory

    decision = decide(kept, IDLE, replace(SETTINGS, keep_awake_s=0.0), NOW + 60)

    assert decision.stop


DATES = st.none() | st.floats(-1e12, 1e12)
NAMES = st.sampled_from(["", "0", "1", "bash", "python", "sshd", "top"])
LOOKS = st.builds(
    Observation,
    clock=st.floats(-1e12, 1e12),
    kernels=st.dictionaries(NAMES, st.builds(Kernel, st.booleans(), DATES), max_size=3),
    keystrokes=st.dictionaries(NAMES, st.floats(-1e12, 1e12), max_size=3),
    output=st.dictionaries(NAMES, st.floats(-1e12, 1e12), max_size=3),
    processes=st.none()
    | st.dictionaries(NAMES, st.builds(Process, NAMES, st.floats(0, 1e9), st.booleans(), NAMES), max_size=3),
    gpus=st.lists(st.builds(Gpu, st.floats(0, 100), st.floats(0, 1e6)), max_size=3),
    files=NAMES,
    storage_bytes=st.none() | st.dictionaries(NAMES, st.floats(0, 1e15), max_size=3),
    network_bytes=st.none() | st.floats(0, 1e18),
    kept_until=DATES,
    tagged_until=DATES,
)
TIMES = st.builds(
    Settings,
    idle_s=st.floats(5 * MINUTE, 3 * HOUR),
    longest_s=st.floats(1 * HOUR, 24 * HOUR),
    keep_awake_s=st.floats(0, 12 * HOUR),
)
GAPS = st.lists(st.floats(30, NEXT_TICK_S), min_size=1, max_size=5)


@given(looks=st.lists(LOOKS, min_size=1, max_size=20), settings=TIMES, gaps=GAPS)
def test_whatever_is_seen_no_workstation_lives_beyond_its_cap(
    looks: list[Observation], settings: Settings, gaps: list[float]
) -> None:
    memory, now, number = at_start("boot", 0.0, 0.0), 0.0, 0

    while True:
        decision = decide(memory, looks[number % len(looks)], settings, now)
        assert 0 <= decision.idle_s <= now
        assert all(0 <= level <= AT_START[name] for name, level in decision.memory.levels.items())
        if decision.stop:
            break
        number += 1
        hop = settings.longest_s / 40 if settings.longest_s - now > settings.longest_s / 30 else 0.0
        memory, now = decision.memory, now + (hop or gaps[number % len(gaps)])

    assert now <= settings.longest_s


@given(looks=st.lists(LOOKS, max_size=5), settings=TIMES, gaps=GAPS, clock=st.floats(-1e12, 1e12))
def test_once_nothing_is_used_it_stops_by_its_idle_time_whatever_was_seen_before(
    looks: list[Observation], settings: Settings, gaps: list[float], clock: float
) -> None:
    memory, now = at_start("boot", 0.0, 0.0), 0.0
    nobody = Observation(clock=clock, kept_until=0.0, tagged_until=0.0, processes={}, storage_bytes={})
    for look in looks:
        memory, now = decide(memory, look, settings, now).memory, now + gaps[0]
    quiet, number = now, 0

    while (decision := decide(memory, nobody, settings, now)).stop is None:
        number += 1
        memory, now = decision.memory, now + gaps[number % len(gaps)]

    assert now - quiet <= max(settings.idle_s, GUARD_S) + NEXT_TICK_S


@given(logins=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=9), settings=TIMES, gaps=GAPS)
def test_logins_alone_hold_no_workstation(logins: list[set[int]], settings: Settings, gaps: list[float]) -> None:
    memory, now, number = at_start("boot", 0.0, 0.0), 0.0, 0

    while True:
        seen = connected(*(f"{each} {number}" for each in logins[number % len(logins)]))
        decision = decide(memory, seen, settings, now)
        if decision.stop:
            break
        number += 1
        memory, now = decision.memory, now + gaps[number % len(gaps)]

    assert now <= max(settings.idle_s + ARRIVAL_S, GUARD_S) + NEXT_TICK_S


@given(looks=st.lists(LOOKS, min_size=1, max_size=20), settings=TIMES)
def test_wishes_hold_no_longer_than_allowed_after_the_last_new_one(
    looks: list[Observation], settings: Settings
) -> None:
    memory, now = at_start("boot", 0.0, 0.0), 0.0

    for look in looks:
        known = memory.wishes
        decision = decide(memory, look, settings, now)
        renewed = {source for source, wish in decision.memory.wishes.items() if known.get(source) != wish}
        asked = {"file": look.kept_until, "tag": look.tagged_until}
        assert decision.kept_s <= settings.keep_awake_s
        assert all(known.get(source, [None])[0] != asked[source] for source in renewed)
        memory, now = decision.memory, now + TICK_S


@given(rates=st.lists(st.floats(0, 1e9), max_size=30), name=st.sampled_from(sorted(GAUGES)))
def test_gauge_stays_within_its_bounds_and_shows_nothing_at_rest(rates: list[float], name: str) -> None:
    gauge, level = GAUGES[name], 0.0

    for rate in rates:
        level = gauge.level(level, rate, TICK_S)
        assert 0 <= level <= gauge.full

    assert not gauge.shows(level, gauge.busy * 0.99)


@given(busy=st.integers(1, 5), resting=st.integers(0, 20))
def test_work_in_bursts_shows_if_it_is_enough_on_average(busy: int, resting: int) -> None:
    gauge, level = GAUGES["processes"], 0.0
    rate = gauge.busy * (busy + resting) / busy

    shown = 0
    for _ in range(7):
        for each in [*[0.0] * resting, *[rate] * busy]:
            level = gauge.level(level, each, TICK_S)
            shown += gauge.shows(level, each)

    assert shown
