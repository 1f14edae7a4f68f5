"""A service on its way from anything to what is wanted, never below its least and never above its most."""

from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.ecs.rollout import Count, Wanted, done, failures_allowed, pause_s, step

WANTED = st.builds(
    Wanted,
    tasks=st.integers(0, 20),
    least_percent=st.integers(0, 100),
    most_percent=st.integers(101, 300),
)


@st.composite
def counts(draw: st.DrawFn) -> Count:
    live = draw(st.integers(0, 30))
    return Count(live=live, well=draw(st.integers(0, live)))


@given(wanted=WANTED, new=counts(), old=counts())
def test_step_never_exceeds_the_most(wanted: Wanted, new: Count, old: Count) -> None:
    made = step(wanted, new, old)

    after = new.live + old.live + made.start
    assert made.start == 0 or after <= wanted.most


@given(wanted=WANTED, new=counts(), old=counts())
def test_step_takes_no_more_than_there_is(wanted: Wanted, new: Count, old: Count) -> None:
    made = step(wanted, new, old)

    assert 0 <= made.stop_old <= old.live
    assert 0 <= made.stop_new <= new.live
    assert made.start == 0 or made.stop_new == 0


@given(wanted=WANTED, new=counts(), old=counts())
def test_old_tasks_go_only_as_long_as_enough_are_well(wanted: Wanted, new: Count, old: Count) -> None:
    made = step(wanted, new, old)

    well_old = old.well - max(0, made.stop_old - (old.live - old.well))
    assert new.well + well_old >= min(wanted.least, new.well + old.well)


@given(wanted=WANTED, new=counts(), old=counts())
def test_service_arrives_where_new_tasks_become_well(wanted: Wanted, new: Count, old: Count) -> None:
    for _ in range(200):
        if done(wanted, new, old.live):
            break
        made = step(wanted, new, old)
        left = new.live - made.stop_new + made.start
        new = Count(live=left, well=left)
        unwell = old.live - old.well
        old = Count(live=old.live - made.stop_old, well=old.well - max(0, made.stop_old - unwell))

    stuck = wanted.most == wanted.least == old.live
    assert done(wanted, new, old.live) or stuck


@given(tasks=st.integers(0, 10_000))
def test_few_failures_are_always_allowed(tasks: int) -> None:
    assert 3 <= failures_allowed(tasks) <= 200


@given(failures=st.integers(0, 10_000), most=st.floats(0.1, 100))
def test_pause_after_failures_grows_to_its_most(failures: int, most: float) -> None:
    assert 0 <= pause_s(failures, most) <= pause_s(failures + 1, most) <= most


def test_half_of_three_tasks_are_two() -> None:
    wanted = Wanted(tasks=3, least_percent=50, most_percent=150)

    assert (wanted.least, wanted.most) == (2, 4)


def test_service_is_not_there_while_an_old_task_ends() -> None:
    wanted, new = Wanted(tasks=1, least_percent=100, most_percent=200), Count(live=1, well=1)

    assert [done(wanted, new, running) for running in (0, 1)] == [True, False]
