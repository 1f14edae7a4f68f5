"""What a cluster must be rid of: the pure decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_watch.judging import (
    NO_CAPACITY,
    Machine,
    Note,
    Registration,
    Task,
    Verdict,
    judge_machine,
    judge_task,
    note,
)
from ecs_watch.settings import Settings

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = Settings(cluster="any", groups=("spot",), family="training", longest=24 * HOUR, queues=())
AGES = st.timedeltas(-5 * MINUTE, timedelta(days=40))
SHORT = st.timedeltas(-5 * MINUTE, 40 * MINUTE)
LATER = st.timedeltas(timedelta(), timedelta(days=2))


def moments(ages: st.SearchStrategy[timedelta]) -> st.SearchStrategy[datetime]:
    return ages.map(lambda age: NOW - age)


TASKS = st.builds(
    Task,
    arn=st.just("task"),
    family=st.sampled_from(["training", "other", ""]),
    group=st.sampled_from(["family:training", "service:tagger", "service:", "", "my-service:"]),
    status=st.sampled_from(["PROVISIONING", "PENDING", "RUNNING", "STOPPING", "STOPPED", ""]),
    since=st.none() | moments(AGES | SHORT),
    provider=st.sampled_from(["FARGATE", "FARGATE_SPOT", "spot", "on-demand", ""]),
    host=st.sampled_from(["", "host", "other"]),
    stopping=st.none() | moments(SHORT),
    stopped=st.none() | moments(SHORT),
)
MACHINES = st.builds(
    Machine,
    id=st.just("i-1"),
    group=st.just("spot"),
    state=st.sampled_from(["pending", "running"]),
    since=moments(AGES | SHORT),
    silent_since=st.none() | moments(AGES | SHORT),
)
REGISTRATIONS = st.builds(
    Registration,
    arn=st.sampled_from(["host", "twin"]),
    instance=st.just("i-1"),
    connected=st.booleans(),
    active=st.booleans(),
    since=st.none() | moments(AGES | SHORT),
    tasks=st.integers(0, 2),
)
KNOWN = st.none() | st.lists(REGISTRATIONS, max_size=3)


def machine(age: timedelta, silent: timedelta | None = None) -> Machine:
    noted = None if silent is None else NOW - silent
    return Machine(id="i-1", group="spot", state="running", since=NOW - age, silent_since=noted)


def registration(age: timedelta, *, connected: bool = True, tasks: int = 0) -> Registration:
    return Registration(arn="host", instance="i-1", connected=connected, active=True, since=NOW - age, tasks=tasks)


@pytest.mark.parametrize(
    ("age", "known", "tasks", "verdict"),
    [
        (15 * MINUTE, [], [], (False, "it has 15 min to register")),
        (16 * MINUTE, [], [], (True, "it is up for 16 min, and the cluster does not know it")),
        (16 * MINUTE, [], None, (True, "it is up for 16 min")),
        (9 * HOUR, None, [], (False, "nobody can tell whether the cluster knows it")),
        (9 * HOUR, [registration(HOUR)], None, (False, "nobody can tell whether it has tasks")),
        (9 * HOUR, [registration(HOUR)], [], (True, "it has had no task since 2026-11-20 14:00 UTC")),
        (9 * HOUR, [registration(4 * MINUTE)], [], (False, "it has had no task since 2026-11-20 14:56 UTC")),
        (4 * MINUTE, [registration(9 * HOUR)], [], (False, "it has had no task since 2026-11-20 14:56 UTC")),
        (9 * HOUR, [registration(HOUR, tasks=1)], [], (False, "it has tasks")),
        (
            9 * HOUR,
            [registration(HOUR, connected=False)],
            [],
            (False, "its agent is disconnected since 2026-11-20"),
        ),
    ],
)
def test_machine_is_judged_by_what_the_cluster_knows_of_it(
    age: timedelta, known: list[Registration] | None, tasks: list[Task] | None, verdict: tuple[bool, str]
) -> None:
    said = judge_machine(machine(age), known, tasks, NOW)

    assert said.ends is verdict[0]
    assert said.reason.startswith(verdict[1])


@pytest.mark.parametrize(("silent", "ends"), [(14, False), (15, True), (60, True), (-1, False), (600, False)])
def test_agent_may_be_silent_for_a_while_since_the_launch(silent: int, *, ends: bool) -> None:
    box = machine(9 * HOUR, silent * MINUTE)

    assert judge_machine(box, [registration(HOUR, connected=False, tasks=1)], [], NOW).ends is ends


@pytest.mark.parametrize(
    ("silent", "connected", "written"),
    [
        (None, True, Note.KEEP),
        (None, False, Note.WRITE),
        (5 * MINUTE, True, Note.ERASE),
        (5 * MINUTE, False, Note.KEEP),
        (-5 * MINUTE, False, Note.WRITE),
        (10 * HOUR, False, Note.WRITE),
    ],
)
def test_silence_is_noted_once_and_taken_back(silent: timedelta | None, written: Note, *, connected: bool) -> None:
    box = machine(9 * HOUR, silent)

    assert note(box, [registration(HOUR, connected=connected)], NOW) is written
    assert note(box, None, NOW) is Note.KEEP


def test_note_on_an_instance_that_the_cluster_forgot_is_taken_back() -> None:
    assert note(machine(9 * HOUR, HOUR), [], NOW) is Note.ERASE
    assert note(machine(9 * HOUR), [], NOW) is Note.KEEP


@given(task=TASKS)
def test_task_ends_exactly_where_it_is_too_old_or_waits_too_long(task: Task) -> None:
    verdict = judge_task(task, SETTINGS, NOW)

    age = timedelta() if task.since is None else NOW - task.since
    on_instances = task.provider in {"spot", "on-demand"}
    lost = task.status == "PROVISIONING" and on_instances and not task.host and age > 12 * MINUTE
    assert verdict.ends is (not task.group.startswith("service:") and (lost or age > 25 * HOUR))
    assert verdict.reason.startswith(NO_CAPACITY) is (verdict.ends and lost)
    assert verdict.reason.startswith("mlstack: ") or not verdict.ends


@given(task=TASKS, later=LATER)
def test_task_that_is_ended_is_so_later_as_well(task: Task, later: timedelta) -> None:
    before = judge_task(task, SETTINGS, NOW)

    assert judge_task(task, SETTINGS, NOW + later).ends or not before.ends


@given(box=MACHINES, known=KNOWN, tasks=st.none() | st.lists(TASKS, max_size=4))
def test_nothing_is_ended_that_may_have_a_task_or_that_nobody_saw(
    box: Machine, known: Sequence[Registration] | None, tasks: Sequence[Task] | None
) -> None:
    ends = judge_machine(box, known, tasks, NOW).ends

    heard = [one for one in known or () if one.connected]
    if known is None or (heard and tasks is None):
        assert not ends
    elif heard:
        mine = [one for one in tasks or () if one.host in {one.arn for one in heard} and one.status != "STOPPED"]
        assert not ends or all(one.stopping and NOW - one.stopping > 10 * MINUTE for one in mine)
        assert not ends or all(one.since is None or NOW - one.since >= 5 * MINUTE for one in heard)
    elif known:
        assert not ends or (box.silent_since is not None and NOW - box.silent_since >= 15 * MINUTE)
    else:
        assert ends is (NOW - box.since > 15 * MINUTE)


@given(box=MACHINES, known=KNOWN, tasks=st.none() | st.lists(TASKS, max_size=4), later=LATER)
def test_machine_that_is_ended_is_so_later_as_well(
    box: Machine, known: Sequence[Registration] | None, tasks: Sequence[Task] | None, later: timedelta
) -> None:
    before = judge_machine(box, known, tasks, NOW)

    assert judge_machine(box, known, tasks, NOW + later).ends or not before.ends


@given(box=MACHINES, known=st.lists(REGISTRATIONS, max_size=3))
def test_idle_deaf_or_lost_machine_lives_no_longer_than_an_hour_of_rounds(
    box: Machine, known: list[Registration]
) -> None:
    idle = [replace(one, tasks=0) for one in known]
    for number in range(13):
        now = max(NOW, box.since, *(one.since or NOW for one in idle)) + number * 5 * MINUTE
        if note(box, idle, now) is Note.WRITE:
            box = replace(box, silent_since=now)
        if judge_machine(box, idle, [], now).ends:
            return
    pytest.fail("it lives on")


@given(box=MACHINES, task=TASKS, known=st.lists(REGISTRATIONS, min_size=1, max_size=3))
def test_machine_with_a_task_that_runs_is_kept_while_its_agent_is_heard(
    box: Machine, task: Task, known: list[Registration]
) -> None:
    heard = [replace(one, connected=True) for one in known]
    runs = replace(task, host=heard[0].arn, status="RUNNING", stopping=None)

    assert judge_machine(box, heard, [runs], NOW) == Verdict(ends=False, reason="it has tasks")
