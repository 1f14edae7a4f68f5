"""Many functions, one rate: AWS is never asked faster than it allows, and hardly slower either."""

import bisect
import itertools
import random
from dataclasses import dataclass, field

import pytest

from tests.functions.image_analysis.lab import PER_SECOND, Lab, environment
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.image_analysis.stage import Stage, latencies
from tests.functions.shared.memory import refuse
from tests.functions.shared.timeline import START

SKEW_S, TOLERANCE = 0.05, 1.1


@dataclass
class Quota:
    """Rekognition's calls per second, which the stage may share with somebody else."""

    lab: Lab
    per_second: float
    others: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)

    def see(self, _asked: object) -> None:
        """Take a call, or refuse it where the last second is full."""
        now = self.lab.timeline.seconds
        self.asked.append(now)
        if within(self.taken, now) + within(self.others, now) >= self.per_second:
            refuse("ProvisionedThroughputExceededException")
        self.taken.append(now)


def within(moments: list[float], now: float) -> int:
    """How many lie in the second before ``now``."""
    return bisect.bisect_right(moments, now) - bisect.bisect_right(moments, now - 1.0)


def busiest(moments: list[float]) -> int:
    """The most calls in any second."""
    return max(within(moments, moment) for moment in moments)


def run(  # noqa: PLR0913 (what a stage depends on)
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    *,
    per_second: float,
    images: int,
    functions: int,
    others: list[float] | None = None,
    quota: float | None = None,
) -> tuple[Quota, Stage, float]:
    """Analyse so many images with so many functions; how long it took, as a multiple of images / rate."""
    monkeypatch.setenv("ANALYSES", environment(per_second={**PER_SECOND, "labels": per_second})["ANALYSES"])
    dice = random.Random(images)  # noqa: S311 (the same run every time)
    limit = Quota(lab, quota or per_second * 10, others or [])
    lab.cloud.see = limit.see
    latencies(lab, dice)
    picture = jpeg()
    bodies = [lab.upload(f"photos/{number}.jpg", picture) for number in range(images)]
    stage = Stage(lab)
    seconds = stage.work(bodies, functions, skew=lambda: dice.uniform(-SKEW_S, SKEW_S))
    assert all(lab.status(body)[0] == "analysed" for body in bodies)
    assert (lab.billed(), lab.parked(), stage.crashes) == (images, [], 0)
    return limit, stage, seconds * per_second / images


@pytest.mark.parametrize(
    ("per_second", "images", "functions"), [(20, 200, 40), (50, 500, 100), (5, 60, 10), (1, 20, 3), (0.5, 12, 3)]
)
def test_functions_together_keep_the_rate_and_use_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, per_second: float, images: int, functions: int
) -> None:
    limit, _, ratio = run(lab, monkeypatch, per_second=per_second, images=images, functions=functions)

    assert busiest(limit.asked) <= max(per_second + 1, TOLERANCE * per_second)
    assert len(limit.asked) == images
    assert ratio <= 1.3


def test_quota_at_the_very_rate_refuses_few_calls(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, _, ratio = run(lab, monkeypatch, per_second=20, images=300, functions=40, quota=20)

    assert len(limit.asked) - len(limit.taken) <= 0.05 * 300  # clocks and networks are not exact
    assert ratio <= 1.3


@pytest.mark.parametrize("others", [5, 10, 15])
def test_what_somebody_else_leaves_of_the_quota_is_used(lab: Lab, monkeypatch: pytest.MonkeyPatch, others: int) -> None:
    theirs = [START + number / others for number in range(others * 300)]

    limit, _, ratio = run(lab, monkeypatch, per_second=20, images=200, functions=40, others=theirs, quota=20)

    assert busiest(limit.asked) <= TOLERANCE * 20
    assert ratio * (20 - others) / 20 <= 1.3


def test_many_more_functions_than_the_rate_needs_waste_no_second_of_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit, stage, ratio = run(lab, monkeypatch, per_second=2, images=200, functions=100)

    assert busiest(limit.asked) <= 3
    gaps = [later - earlier for earlier, later in itertools.pairwise(limit.asked)]
    assert ratio <= 1.3
    assert max(gaps) <= 2  # who found no slot is back before the last one is used
    assert stage.queue.receives <= 3 * 200


def test_too_few_functions_are_slower_and_lose_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, _, ratio = run(lab, monkeypatch, per_second=50, images=50, functions=2)

    assert ratio > 1.3
    assert len(limit.asked) == 50
