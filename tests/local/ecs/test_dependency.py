"""In which order containers start and end, for any dependencies and whatever becomes of them."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.ecs.dependency import (
    COMPLETE,
    HEALTHY,
    START,
    SUCCESS,
    Condition,
    Standing,
    circle,
    endable,
    hopeless,
    in_the_way,
    met,
    startable,
)

CONDITIONS = st.sampled_from([START, COMPLETE, SUCCESS, HEALTHY])
STANDINGS = st.one_of(
    st.just(Standing()),
    st.builds(Standing, started=st.just(value=True), healthy=st.booleans()),
    st.builds(Standing, started=st.just(value=True), ended=st.just(value=True), code=st.integers(0, 255)),
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, tuple[Condition, ...]]:
    """Containers of which each may wait for those before it."""
    names = [f"c{number}" for number in range(draw(st.integers(1, 5)))]
    return {
        name: tuple(
            Condition(container=other, condition=draw(CONDITIONS)) for other in names[:position] if draw(st.booleans())
        )
        for position, name in enumerate(names)
    }


@given(needs=orders())
def test_containers_in_an_order_form_no_circle(needs: dict[str, tuple[Condition, ...]]) -> None:
    assert not circle(needs)


@given(needs=orders(), condition=CONDITIONS)
def test_first_that_waits_for_the_last_closes_a_circle(needs: dict[str, tuple[Condition, ...]], condition: str) -> None:
    names = list(needs)
    chain = {
        name: (*needs[name], Condition(container=names[position - 1], condition=condition))
        for position, name in enumerate(names)
    }

    assert circle(chain)


@given(condition=CONDITIONS, standing=STANDINGS)
def test_what_has_come_is_not_hopeless(condition: str, standing: Standing) -> None:
    wish = Condition(container="other", condition=condition)

    assert not (met(wish, standing) and hopeless(wish, standing))


@given(needs=orders(), data=st.data())
def test_container_starts_only_when_nothing_is_in_its_way(
    needs: dict[str, tuple[Condition, ...]], data: st.DataObject
) -> None:
    standings = {name: data.draw(STANDINGS) for name in needs}

    for name in needs:
        assert not (startable(name, needs, standings) and in_the_way(name, needs, standings))


@given(needs=orders())
def test_running_containers_all_end_dependents_first(needs: dict[str, tuple[Condition, ...]]) -> None:
    standings = {name: Standing(started=True) for name in needs}
    ended: list[str] = []

    while len(ended) < len(needs):
        ready = [name for name in needs if name not in ended and endable(name, needs, standings)]
        assert ready, "nobody can be asked to end"
        ended += ready
        standings = {name: Standing(started=True, ended=name in ended) for name in needs}

    assert _dependents_first(ended, needs)


def _dependents_first(ended: list[str], needs: Mapping[str, tuple[Condition, ...]]) -> bool:
    return all(ended.index(name) < ended.index(need.container) for name, said in needs.items() for need in said)


def test_container_that_ended_well_is_no_longer_healthy() -> None:
    ended = Standing(started=True, ended=True, code=0, healthy=True)

    assert not met(Condition(container="other", condition=HEALTHY), ended)
