"""Tasks spread over capacity providers by base and weight."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.ecs.strategy import Share, choose, complaint


@given(tasks=st.integers(1, 60), base=st.integers(0, 20), weights=st.tuples(st.integers(1, 10), st.integers(0, 10)))
def test_tasks_are_spread_as_the_weights_say(tasks: int, base: int, weights: tuple[int, int]) -> None:
    shares = [Share(provider="one", base=base, weight=weights[0]), Share(provider="two", weight=weights[1])]
    counts: Counter[str] = Counter()

    for _ in range(tasks):
        counts[choose(shares, counts)] += 1

    spread = max(0, tasks - base)
    assert counts["one"] >= min(tasks, base)
    assert abs(counts["two"] - spread * weights[1] / sum(weights)) <= 1


def test_base_comes_first_and_the_greater_weight_next() -> None:
    shares = [Share(provider="one", base=1, weight=1), Share(provider="two", weight=4)]

    assert [choose(shares, {}), choose(shares, {"one": 1})] == ["one", "two"]


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([Share(provider="one"), Share(provider="two")], "weight greater than 0"),
        ([Share(provider="one", weight=1), Share(provider="one", weight=2)], "twice"),
        ([Share(provider="one", weight=1, base=1), Share(provider="two", base=2)], "Only one"),
        ([Share(provider="FARGATE", weight=1), Share(provider="gpus", weight=1)], "both Fargate"),
    ],
)
def test_strategy_that_cannot_be_followed_is_refused(shares: list[Share], words: str) -> None:
    assert words in complaint(shares)


def test_strategy_of_fargate_and_its_spot_is_taken() -> None:
    assert not complaint([Share(provider="FARGATE", base=1, weight=1), Share(provider="FARGATE_SPOT", weight=4)])
