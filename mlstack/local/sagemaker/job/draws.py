"""What a tuning job tries next.

Grid goes through every combination. Random draws from the ranges. Bayesian is no Gaussian process here, as SageMaker's
is: after some random draws it looks near the best so far, ever nearer, and now and then somewhere else. Hyperband draws
at random; what makes it Hyperband is that poor jobs are stopped early (see early_stop).
"""

from collections.abc import Iterator
from itertools import product
from random import Random
from threading import Lock
from typing import NamedTuple

from mlstack.local.sagemaker.job.ranges import Choice, Range, Space

FIRST = 3
"""How many draws of Bayesian know nothing."""
ELSEWHERE = 0.2
"""How often Bayesian does not look near the best."""
WIDTH, NARROWEST = 0.3, 0.03


class Tried(NamedTuple):
    """What came of some values; more is better."""

    values: dict[str, str]
    score: float


class Draws:
    """The values of one training job after the other."""

    def __init__(self, space: Space, strategy: str, seed: int | None) -> None:
        self._space = space
        self._strategy = strategy
        self._random = Random(seed)  # noqa: S311 - no secret
        self._grid = grid(space) if strategy == "Grid" else iter(())
        self._drawn = 0
        self._lock = Lock()

    def next(self, tried: list[Tried]) -> dict[str, str] | None:
        """What to try next; nothing where everything was tried."""
        with self._lock:
            self._drawn += 1
            if self._strategy == "Grid":
                return next(self._grid, None)
            known = self._strategy == "Bayesian" and tried and self._drawn > FIRST
            if known and self._random.random() > ELSEWHERE:
                best = max(tried, key=lambda one: one.score)
                return {one.name: self._near(one, best.values[one.name]) for one in self._space}
            return {one.name: one.value(self._random.random()) for one in self._space}

    def _near(self, one: Range | Choice, value: str) -> str:
        if isinstance(one, Choice):
            return value if self._random.random() > ELSEWHERE else self._random.choice(one.values)
        width = max(NARROWEST, WIDTH * FIRST / self._drawn)
        share = self._random.gauss(one.share(value), width)
        return one.value(min(max(share, 0.0), 1.0))


def grid(space: Space) -> Iterator[dict[str, str]]:
    """Every combination of words."""
    names = [one.name for one in space]
    for values in product(*(one.values for one in space if isinstance(one, Choice))):
        yield dict(zip(names, values, strict=True))


def early_stop(mine: list[float], others: list[list[float]]) -> bool:
    """Whether a job's newest value is worse than the median of the others at the same point; more is better.

    The rule of https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html.
    """
    if not mine:
        return False
    at_that_point = sorted(sum(one[: len(mine)]) / len(mine) for one in others if len(one) >= len(mine))
    return len(at_that_point) >= FIRST and mine[-1] < at_that_point[len(at_that_point) // 2]
