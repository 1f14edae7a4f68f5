"""How many instances ECS's managed scaling wants."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.capacity.managed_scaling import IDLE_S, Group, Setting, Since, decided, needed
from mlstack.local.capacity.resources import Resources

ONE = Resources(gpus=1, cpu_units=1024, memory_mib=4096)
HOST = Resources(gpus=1, cpu_units=4096, memory_mib=15000)
EMPTY = Group(least=0, most=5, desired=0, running=0)
NOW = 1000.0


@pytest.mark.parametrize(
    ("waiting", "room", "busy", "expected"),
    [
        ([], [], 0, 0),
        ([ONE], [], 0, 1),
        ([ONE, ONE], [], 0, 2),
        ([ONE], [HOST - ONE], 1, 2),
        ([replace(ONE, gpus=0)], [HOST - ONE], 1, 1),
        ([replace(ONE, gpus=0)] * 4, [], 0, 2),
        ([replace(ONE, gpus=2)], [], 0, 0),
        ([replace(ONE, memory_mib=15001)], [], 0, 0),
        ([], [HOST - ONE], 1, 1),
    ],
)
def test_instances_are_packed_with_whoever_waits(
    waiting: list[Resources], room: list[Resources], busy: int, expected: int
) -> None:
    assert needed(waiting, room, busy, HOST, 100) == expected


def test_target_below_hundred_keeps_some_in_hand() -> None:
    assert needed([ONE] * 4, [], 0, HOST, 80) == 5


SIZES = st.builds(Resources, gpus=st.integers(0, 4), cpu_units=st.integers(0, 8192), memory_mib=st.integers(0, 32000))


@given(st.lists(SIZES, max_size=12), st.lists(SIZES, max_size=4))
def test_whatever_waits_needs_no_more_than_an_instance_each(waiting: list[Resources], room: list[Resources]) -> None:
    fitting = [wish for wish in waiting if not HOST.lacks(wish)]

    count = needed(waiting, room, len(room), HOST, 100)

    assert len(room) <= count <= len(room) + len(fitting)
    assert count == needed(fitting, room, len(room), HOST, 100)


@pytest.mark.parametrize(
    ("wanted", "group", "setting", "expected"),
    [
        (1, EMPTY, Setting(), 2),
        (1, EMPTY, Setting(largest_step=1), 1),
        (1, replace(EMPTY, most=1), Setting(), 1),
        (4, EMPTY, Setting(), 2),
        (1, EMPTY, Setting(least_step=3), 3),
        (4, replace(EMPTY, desired=1, running=1), Setting(), 4),
        (9, replace(EMPTY, desired=1, running=1), Setting(), 5),
        (4, replace(EMPTY, desired=1, running=1), Setting(largest_step=2), 3),
        (1, replace(EMPTY, desired=2, running=0), Setting(), 2),
        (1, replace(EMPTY, desired=1, running=1), Setting(), 1),
        (0, EMPTY, Setting(), 0),
        (0, replace(EMPTY, desired=1), Setting(), 1),
    ],
)
def test_group_grows_by_what_is_missing_and_by_two_from_zero(
    wanted: int, group: Group, setting: Setting, expected: int
) -> None:
    count, _ = decided(wanted, group, setting, Since(), NOW)

    assert count == expected


def test_setting_is_ecs_own_where_nobody_says_one() -> None:
    said = Setting()

    assert (said.target, said.least_step, said.largest_step, said.warmup_s) == (100, 1, 10000, 300)
    assert IDLE_S == 15 * 60


def test_second_step_waits_until_the_first_has_warmed_up() -> None:
    count, since = decided(1, EMPTY, Setting(largest_step=1), Since(), NOW)
    grown = replace(EMPTY, desired=count, running=count)

    assert decided(3, grown, Setting(), since, NOW + 299)[0] == 1
    assert decided(3, grown, Setting(), since, NOW + 300)[0] == 3


def test_warm_up_is_that_of_the_last_instances_that_came() -> None:
    full = Group(least=0, most=1, desired=1, running=1)

    assert decided(3, full, Setting(), Since(scaled_out=1.0), NOW) == (1, Since(scaled_out=1.0))


def test_nothing_warms_up_where_somebody_took_the_instances_away() -> None:
    _, since = decided(1, EMPTY, Setting(largest_step=1), Since(), NOW)

    assert decided(1, EMPTY, Setting(largest_step=1), since, NOW + 1)[0] == 1


def test_idle_instances_go_by_halves_after_fifteen_minutes() -> None:
    group = replace(EMPTY, desired=5, running=5)
    count, since = decided(0, group, Setting(), Since(), NOW)
    assert (count, since.idle) == (5, NOW)

    counts = [decided(0, group, Setting(), since, NOW + IDLE_S + late)[0] for late in (-1, 0, 60, 120, 180)]

    assert counts == [5, 2, 1, 0, 0]


def test_task_in_between_begins_the_fifteen_minutes_anew() -> None:
    group = replace(EMPTY, desired=1, running=1)
    _, idle = decided(0, group, Setting(), Since(), NOW)
    _, busy = decided(1, group, Setting(), idle, NOW + 600)
    _, again = decided(0, group, Setting(), busy, NOW + 700)

    assert decided(0, group, Setting(), again, NOW + 700 + IDLE_S - 1)[0] == 1
    assert decided(0, group, Setting(), again, NOW + 700 + IDLE_S)[0] == 0


@given(
    st.integers(0, 20),
    st.integers(0, 3),
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 10),
    st.floats(0, 10_000),
    st.none() | st.floats(0, 1000),
)
def test_count_never_leaves_the_groups_bounds_upwards_nor_falls_below_what_is_needed(  # noqa: PLR0913, PLR0917 - drawn
    wanted: int, least: int, more: int, desired: int, running: int, later: float, idle: float | None
) -> None:
    group = Group(least=least, most=least + more, desired=min(max(desired, least), least + more), running=running)
    group = replace(group, running=min(running, group.desired))

    count, _ = decided(wanted, group, Setting(), Since(idle=idle), 1000 + later)

    assert group.least <= count <= group.most
    assert count >= min(wanted, group.desired)
