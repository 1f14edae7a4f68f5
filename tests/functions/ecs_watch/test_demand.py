"""Which groups ask for instances that no task needs: the pure decision."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_watch.demand import Group, judge_group

ASKS = Group(name="spot", desired=1, least=0, instances=0, ends=False)
GROUPS = st.builds(
    Group,
    name=st.sampled_from(["spot", "on-demand"]),
    desired=st.integers(0, 4),
    least=st.integers(0, 2),
    instances=st.integers(0, 2),
    ends=st.booleans(),
)
AWAITED = st.none() | st.sets(st.sampled_from(["spot", "on-demand", ""]))


@pytest.mark.parametrize(
    ("group", "awaited", "ends", "reason"),
    [
        (ASKS, [], True, "it asks for 1 and has none, and no task waits for it"),
        (ASKS, ["on-demand"], True, "it asks for 1 and has none, and no task waits for it"),
        (ASKS, ["spot"], False, "it asks for 1 and has none, and a task waits for it"),
        (ASKS, None, False, "it asks for 1 and has none, and nobody can tell whether a task waits for it"),
        (replace(ASKS, desired=0), [], False, "it has instances, ends, or asks for none"),
        (replace(ASKS, instances=1), [], False, "it has instances, ends, or asks for none"),
        (replace(ASKS, ends=True), [], False, "it has instances, ends, or asks for none"),
        (replace(ASKS, least=1), [], False, "it has instances, ends, or asks for none"),
    ],
)
def test_group_is_judged_by_who_waits_for_it(
    group: Group, awaited: Collection[str] | None, reason: str, *, ends: bool
) -> None:
    verdict = judge_group(group, awaited)

    assert (verdict.ends, verdict.reason) == (ends, reason)


@given(group=GROUPS, awaited=AWAITED)
def test_group_that_a_task_waits_for_or_that_nobody_saw_whole_asks_on(
    group: Group, awaited: Collection[str] | None
) -> None:
    ends = judge_group(group, awaited).ends

    assert not (ends and (awaited is None or group.name in awaited))
    assert not (ends and (group.instances or group.ends))
    assert not (ends and group.desired <= group.least)


@given(group=GROUPS)
def test_group_that_nobody_waits_for_launches_nothing_by_and_by(group: Group) -> None:
    empty = replace(group, instances=0, ends=False)

    assert judge_group(empty, []).ends is (empty.desired > empty.least)
    assert not judge_group(replace(empty, desired=empty.least), []).ends
