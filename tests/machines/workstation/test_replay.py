"""A month of plausible use, replayed: the agent stops what is idle and nothing that is needed; an alarm does not."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from click.testing import CliRunner

from bench.idle import WORST_AIM, figures, jobs, people
from bench.idle.__main__ import main
from bench.idle.activity import MIB, SSH, Activity, Minute, Place
from bench.idle.jobs import Job
from bench.idle.judges import AGENT, CPU_ALARM, GPU_ALARM, NOBODY, Agent, Alarm, Nobody, judges
from bench.idle.machine import HARDWARE, Machine
from bench.idle.month import DAY, HOUR, LENGTH, WEEK, WORKDAYS, Month, month
from bench.idle.people import LONGEST_PAUSE, Session
from bench.idle.replay import Account, replay
from workstation_agent.observation import Observation

SEEDS = (0, 1, 2)
G5 = HARDWARE["g5.xlarge"]
WORK = {
    "CPU work with nohup",
    "SSH",
    "Session Manager",
    "VS Code",
    "batch on the GPU alone",
    "cell that waits",
    "copy on the disk with nohup",
    "distributed training with nohup",
    "download in a terminal",
    "download with nohup",
    "notebook",
    "script that waits, kept awake",
    "slow script that prints",
    "terminal of Jupyter",
    "training in a container",
    "training in a notebook",
    "training in tmux",
    "upload with nohup",
    "work in a container",
}
LEFT = {
    "VS Code left open",
    "forgotten SSH session",
    "forgotten SSM session",
    "forgotten TensorBoard",
    "forgotten container",
    "forgotten htop or nvtop",
    "forgotten line of cron",
    "forgotten watch nvidia-smi",
    "laptop that connects again",
    "notebook left open",
}
IDLE_HOURS = [Minute()] * 10 * HOUR


class Moment:
    """A judge that stops the machine once, at the end of one minute."""

    name = "moment"

    def __init__(self, minute: int) -> None:
        self.minute = minute

    def start(self) -> None:
        """Remember nothing."""

    def stops(self, _machine: Machine, minute: int) -> bool:
        return minute == self.minute


def made(*activities: Activity, unused_boots: Sequence[int] = ()) -> Month:
    """A month with nothing else in it."""
    return Month(0, sorted(activities, key=lambda each: each.begin), unused_boots)


def job(minutes: Sequence[Minute], *, kind: str = "job", place: Place = Place.BACKGROUND) -> Activity:
    """Work that begins on the first morning."""
    return Activity(kind=kind, begin=9 * HOUR, minutes=minutes, place=place)


def told(drawn: Month) -> list[object]:
    """What a month consists of, so that two can be compared."""
    return [
        *drawn.unused_boots,
        *((each.kind, each.place, each.begin, each.end, each.minutes) for each in drawn.activities),
    ]


@pytest.fixture(scope="module")
def months() -> Sequence[Month]:
    return [month(seed) for seed in SEEDS]


@pytest.fixture(scope="module", params=range(len(SEEDS)))
def drawn(request: pytest.FixtureRequest, months: Sequence[Month]) -> Month:
    place: int = request.param
    return months[place]


@pytest.fixture(scope="module")
def accounts(months: Sequence[Month]) -> Mapping[str, Sequence[Account]]:
    """What each of four judges makes of the same months."""
    chosen = [judge for judge in judges() if judge.name in {AGENT, CPU_ALARM, GPU_ALARM, NOBODY}]
    return {judge.name: [replay(each, judge, G5) for each in months] for judge in chosen}


def test_month_has_every_kind_of_use_and_of_what_is_left_open(drawn: Month) -> None:
    needed = {each.kind for each in drawn.activities if each.is_needed}
    left = {each.kind for each in drawn.activities if not each.is_needed}

    assert needed == WORK
    assert left >= LEFT
    assert left - LEFT == {"notebook", "terminal of Jupyter"}  # the browser, which polls during a session too


def test_month_is_drawn_from_its_seed_alone() -> None:
    one, again, other = month(7), month(7), month(8)

    assert told(one) == told(again)
    assert told(one) != told(other)


def test_month_needs_the_workstation_exactly_while_somebody_works_or_something_does(drawn: Month) -> None:
    minutes = {
        minute for each in drawn.activities if each.is_needed for minute in range(each.begin, min(each.end, LENGTH))
    }

    assert {minute for minute in range(LENGTH) if drawn.needed[minute]} == minutes
    assert all(each.end <= LENGTH for each in drawn.activities)


def test_idle_periods_are_what_lies_between_the_needs(drawn: Month) -> None:
    first = drawn.needed.index(True)
    idle = {minute for begin, end in drawn.idle_periods for minute in range(begin, end)}

    assert idle == {minute for minute in range(first, LENGTH) if not drawn.needed[minute]}
    assert all(end < begin for (_, end), (begin, _) in pairwise(drawn.idle_periods))


def test_month_has_nights_and_weekends_and_long_work(drawn: Month) -> None:
    needed = [sum(drawn.needed[day * DAY : (day + 1) * DAY]) for day in range(LENGTH // DAY)]
    weekends = [minutes for day, minutes in enumerate(needed) if day % WEEK >= WORKDAYS]
    nights = [not any(drawn.needed[day * DAY : day * DAY + 6 * HOUR]) for day in range(LENGTH // DAY)]

    assert sum(weekends) / len(weekends) < sum(needed) / len(needed)
    assert sum(nights) > len(nights) / 2
    assert any(each.is_needed and each.end - each.begin > 6 * HOUR for each in drawn.activities)


def test_people_pause_for_twenty_minutes_at_most(drawn: Month) -> None:
    people = [each for each in drawn.activities if each.is_attended and each.kind != "VS Code"]
    pauses = [
        later - earlier - 1
        for each in people
        for earlier, later in pairwise(place for place, minute in enumerate(each.minutes) if minute.is_act)
    ]

    assert max(pauses) == LONGEST_PAUSE
    assert all(each.minutes[-1].is_act for each in people)


def test_nobody_is_about_when_a_boot_is_not_used(drawn: Month) -> None:
    assert drawn.unused_boots
    assert not any(any(drawn.needed[boot : boot + HOUR]) for boot in drawn.unused_boots)


def test_agent_stops_nothing_that_is_needed(accounts: Mapping[str, Sequence[Account]]) -> None:
    assert [account.ended for account in accounts[AGENT]] == [{}] * len(SEEDS)
    assert [account.lost + account.undone for account in accounts[AGENT]] == [0] * len(SEEDS)


def test_agent_pays_for_less_than_45_idle_minutes_each_time(accounts: Mapping[str, Sequence[Account]]) -> None:
    assert max(max(account.idle_periods) for account in accounts[AGENT]) < WORST_AIM


def test_all_that_is_needed_is_paid_under_the_agent(
    accounts: Mapping[str, Sequence[Account]], months: Sequence[Month]
) -> None:
    for each, account in zip(months, accounts[AGENT], strict=True):
        assert account.paid - account.idle == sum(each.needed)


def test_agent_pays_for_a_third_of_the_month_and_nobody_for_all_of_it(
    accounts: Mapping[str, Sequence[Account]],
) -> None:
    for agent, nobody in zip(accounts[AGENT], accounts[NOBODY], strict=True):
        assert nobody.paid > 0.95 * LENGTH
        assert agent.paid < 0.4 * nobody.paid
        assert agent.idle < 0.1 * nobody.idle


def test_cpu_alarm_ends_what_needs_no_cpu_and_is_fooled_by_what_does(
    accounts: Mapping[str, Sequence[Account]],
) -> None:
    ended = set().union(*(account.ended for account in accounts[CPU_ALARM]))

    assert ended >= {"VS Code", "batch on the GPU alone", "download with nohup", "script that waits, kept awake"}
    assert max(max(account.idle_periods) for account in accounts[CPU_ALARM]) > 10 * HOUR  # by `watch nvidia-smi`
    assert all(account.false_stops > 10 for account in accounts[CPU_ALARM])


def test_gpu_alarm_ends_everything_that_needs_no_gpu(accounts: Mapping[str, Sequence[Account]]) -> None:
    ended = set().union(*(account.ended for account in accounts[GPU_ALARM]))

    assert ended >= {"CPU work with nohup", "SSH", "VS Code", "copy on the disk with nohup", "download with nohup"}
    assert all(
        account.false_stops > 30 and account.lost + account.undone > 40 * HOUR for account in accounts[GPU_ALARM]
    )


def drawn_job(job: Job) -> Sequence[Activity]:
    """One of a kind, on the first morning."""
    return [job(Random("job"), 9 * HOUR)]  # noqa: S311 (the same every time)


def drawn_session(session: Session) -> Sequence[Activity]:
    return session(Random("session"), 9 * HOUR, 2 * HOUR)  # noqa: S311 (the same every time)


ENOUGH: Mapping[str, tuple[Sequence[Activity], Collection[str]]] = {
    "a cell that waits": (drawn_job(jobs.waiting_cell), ["kernels"]),
    "SSH": (drawn_session(people.ssh), ["keystrokes"]),
    "a grid search": (drawn_job(jobs.cpu_only), ["processes"]),
    "a batch on the GPU": (drawn_job(jobs.gpu_only), ["gpus"]),
    "an editor": (drawn_session(people.editor), ["files"]),
    "a script that prints": (drawn_job(jobs.slow_interface), ["output", "processes"]),
    "a copy": (drawn_job(jobs.disk_only), ["storage_bytes"]),
    "an upload": (drawn_job(jobs.upload), ["network_bytes"]),
    "keep-awake": (drawn_job(jobs.kept), ["kept_until"]),
}
BLANK = Observation(clock=0.0, kept_until=0.0, tagged_until=0.0)


@pytest.mark.parametrize("use", ENOUGH)
def test_use_is_seen_by_one_signal_alone_and_by_none_not_at_all(use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    activities, signals = ENOUGH[use]
    whole, shown = Machine.seen, {"clock", *signals}

    def seen(machine: Machine, minute: int) -> Observation:
        found = whole(machine, minute)
        return replace(BLANK, **{name: getattr(found, name) for name in shown})

    monkeypatch.setattr(Machine, "seen", seen)
    seeing = replay(made(*activities), Agent("agent"), G5)
    shown = {"clock"}
    blind = replay(made(*activities), Agent("agent"), G5)

    assert seeing.false_stops == 0
    assert blind.false_stops


def test_cap_of_twelve_hours_ends_a_longer_training() -> None:
    training = job([Minute(cpu=1.0, gpu=90.0, gpu_now=90.0)] * 14 * HOUR)

    account = replay(made(training), Agent("capped", longest_hours=12), G5)

    assert account.ended == {"job": 1}
    assert 11.9 * HOUR < account.lost <= 12 * HOUR
    assert account.lost + account.undone == 14 * HOUR


def test_daily_stop_asks_nobody() -> None:
    training = job([Minute(cpu=1.0, gpu=90.0, gpu_now=90.0)] * 15 * HOUR)

    account = replay(made(training), Agent("stopped at 22", daily=22 * HOUR), G5)

    assert (account.false_stops, account.lost, account.undone) == (1, 13 * HOUR, 2 * HOUR)


def test_script_that_only_sleeps_is_invisible_unless_it_is_kept_awake() -> None:
    sleeping = Activity(kind="sleep", begin=9 * HOUR, minutes=IDLE_HOURS[: 3 * HOUR])
    kept = Activity(kind="kept", begin=9 * HOUR, minutes=IDLE_HOURS[: 3 * HOUR], is_kept=True)

    assert replay(made(sleeping), Agent("agent"), G5).ended == {"sleep": 1}
    assert replay(made(kept), Agent("agent"), G5).ended == {}


def test_agents_own_countdown_is_no_use_of_a_terminal() -> None:
    shown = job([Minute(shown=True)] * 20, place=Place.TERMINAL)
    open_only = Activity(
        kind="open", begin=shown.begin, minutes=[Minute()], place=Place.TERMINAL, is_needed=False, lasts=9 * HOUR
    )

    account = replay(made(shown, open_only), Agent("agent"), G5)

    assert account.idle_periods == [30]
    assert account.false_stops == 0


def test_boot_that_nobody_uses_is_idle_from_its_beginning() -> None:
    account = replay(made(unused_boots=[3 * HOUR]), Agent("agent"), G5)

    assert account.idle_periods == [31]  # Linux, and with it the agent, counts from a minute later
    assert account.paid == 31


def test_boot_that_a_person_waits_for_is_no_idle_time() -> None:
    session = Activity(kind="SSH", begin=60, minutes=[Minute(typed=True)] * 5, place=Place.TERMINAL, is_attended=True)

    account = replay(made(session), Moment(64), G5)

    assert (account.paid, account.idle, account.false_stops) == (5, 0, 0)


def test_job_that_is_stopped_is_lost_back_to_its_last_checkpoint() -> None:
    saving = Activity(kind="saving", begin=0, minutes=IDLE_HOURS, checkpoint=45)
    careless = Activity(kind="careless", begin=0, minutes=IDLE_HOURS)

    account = replay(made(saving, careless), Moment(99), G5)

    assert account.false_stops == 1
    assert account.ended == {"saving": 1, "careless": 1}
    assert account.lost == 10 + 100
    assert account.undone == 2 * (10 * HOUR - 100)
    assert account.paid == 100  # and nothing starts the machine again


def test_person_whose_machine_is_stopped_comes_back_with_the_next_thing_to_do() -> None:
    minutes = [Minute(typed=place in {0, 19, 40}) for place in range(41)]
    session = Activity(kind="SSH", begin=0, minutes=minutes, place=Place.TERMINAL, is_attended=True)

    account = replay(made(session), Moment(29), G5)

    assert account.false_stops == 1
    assert account.lost + account.undone == 0
    assert account.paid == 30 + 1 + account.idle  # the minute 40, and then nobody stops it
    assert account.paid == LENGTH - 10


@pytest.mark.parametrize(("percent", "stops"), [(4.9, 1), (5.1, 0)])
def test_alarm_stops_after_six_low_windows(percent: float, stops: int) -> None:
    work = Activity(kind="work", begin=0, minutes=[Minute(cpu=percent / 100 * G5.vcpus - 0.03)] * 90)

    account = replay(made(work), Alarm("alarm", 30, cpu=True), G5)

    assert account.false_stops == stops


def test_alarm_on_gpus_looks_at_the_busiest() -> None:
    eight = HARDWARE["p4d.24xlarge"]
    work = Activity(kind="work", begin=0, minutes=[Minute(cpu=1.0, gpu=30.0, gpu_now=30.0)] * 2 * HOUR)

    assert replay(made(work), Alarm("GPU", 30, gpu=True), eight).false_stops == 0
    assert replay(made(work), Alarm("CPU", 30, cpu=True), eight).false_stops == 1  # a core of 96 is one percent
    assert replay(made(work), Agent("agent"), eight).false_stops == 0


def test_counters_rise_with_what_is_done_and_begin_anew_with_a_boot() -> None:
    machine = Machine(0, G5)
    work = Activity(kind="work", begin=0, minutes=[Minute(cpu=2.0, disk=MIB, net=MIB)] * HOUR, processes=2)

    machine.start(0)
    machine.begin([work], 0)
    for minute in range(12):
        machine.go_on(minute)
    seen = machine.seen(11)

    assert seen.processes is not None
    assert seen.storage_bytes is not None
    assert sum(each.cpu_s for each in seen.processes.values() if each.name == "python") == 2 * 60 * 10
    assert sum(seen.storage_bytes.values()) == 60 * 10 * MIB
    assert seen.network_bytes is not None
    assert seen.network_bytes > 600 * MIB
    assert machine.uptime(11) == 11 * 60
    assert [each.kind for each in machine.stop()] == ["work"]
    machine.start(20)
    machine.go_on(20)
    assert (machine.seen(20).network_bytes or 0) < MIB


def test_person_without_a_terminal_who_comes_in_the_last_minute_is_not_stopped() -> None:
    work = job([Minute(cpu=1.0)] * HOUR)
    session = Activity(
        kind="VS Code",
        begin=work.end + 29,
        minutes=[Minute(saved=place == 9) for place in range(10)],
        is_attended=True,
        service=SSH,
    )

    account = replay(made(work, session), Agent("agent"), G5)

    assert account.ended == {}
    assert replay(made(work, replace(session, service="")), Agent("agent"), G5).ended == {"VS Code": 1}


@pytest.mark.parametrize("every", [1, 7, 29])
def test_laptop_that_connects_again_all_night_costs_a_few_minutes(every: int) -> None:
    work = job([Minute(cpu=1.0)] * HOUR)
    laptop = Activity(
        kind="laptop",
        begin=work.begin,
        minutes=[*[Minute()] * (every - 1), Minute(connects=True)],
        is_needed=False,
        service=SSH,
        lasts=20 * HOUR,
    )

    account = replay(made(work, laptop), Agent("agent"), G5)

    assert account.stops == 1
    assert max(account.idle_periods) <= 43


def test_connection_that_is_made_anew_is_a_new_process_and_an_open_one_is_not() -> None:
    machine = Machine(0, G5)
    laptop = Activity(kind="laptop", begin=0, minutes=[Minute(connects=place == 5) for place in range(9)], service=SSH)

    machine.start(0)
    machine.begin([laptop], 0)
    seen = []
    for minute in range(8):
        machine.go_on(minute)
        seen.append({key for key, each in (machine.seen(minute).processes or {}).items() if each.name == "sshd"})

    assert [len(each) for each in seen] == [2] * 8
    assert seen[3] == seen[4]
    assert not seen[4] & seen[5]
    assert seen[5] == seen[7]


@pytest.fixture
def two_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "judges", lambda: [Alarm("both", 30, cpu=True, gpu=True), Nobody()])


@pytest.mark.usefixtures("two_judges")
def test_command_prints_a_plain_table_and_its_limits() -> None:
    outcome = CliRunner().invoke(main, ["--seeds", "1"], env={"COLUMNS": "200"})

    assert outcome.exit_code == 0
    lines = [line.split() for line in outcome.output.splitlines()]
    assert ["nobody", "stops", "it"] in [line[:3] for line in lines]
    assert any(line[:2] == ["both:", "stopped"] for line in lines)
    assert "only sleeps and polls, under nohup or in VS Code, is invisible" in outcome.output
    assert "\x1b" not in outcome.output


@pytest.mark.usefixtures("two_judges")
def test_command_prints_json_with_the_money() -> None:
    outcome = CliRunner().invoke(main, ["--seeds", "1", "--json"])

    found = json.loads(outcome.output)
    assert [*found] == ["both", NOBODY]
    assert found[NOBODY]["usd"] == pytest.approx(found[NOBODY]["paid_hours"] * 1.006)
    assert found[NOBODY]["saved_percent"] == 0
    assert 0 < found["both"]["saved_percent"] < 100
    assert found["both"]["idle_usd"] == pytest.approx(found["both"]["idle_hours"] * 1.006)
