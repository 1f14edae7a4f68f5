"""What a tuning job tries next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.sagemaker.job.draws import Draws, Tried, early_stop, grid
from mlstack.local.sagemaker.job.ranges import Choice, Range, Space

SCALINGS = ["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]


def number(low: str, high: str, *, whole: bool = False, scaling: str = "Auto") -> Range:
    return Range.of({"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scaling}, whole=whole)


@given(st.floats(0, 1), st.sampled_from(SCALINGS), st.booleans())
def test_a_value_lies_in_its_range_and_leads_back_to_where_it_was(share: float, scaling: str, whole: bool) -> None:  # noqa: FBT001
    one = number("1", "900", whole=whole, scaling=scaling if scaling != "ReverseLogarithmic" else "Linear")

    value = one.value(share)

    assert 1 <= float(value) <= 900
    assert "." not in value or not whole
    assert abs(one.share(value) - share) < (0.11 if whole else 1e-9)


@given(st.floats(0, 1))
def test_a_backward_logarithm_stays_below_one(share: float) -> None:
    one = number("0.5", "0.999", scaling="ReverseLogarithmic")

    assert 0.5 <= float(one.value(share)) <= 0.999
    assert abs(one.share(one.value(share)) - share) < 1e-6


def test_a_wide_range_counts_in_powers() -> None:
    assert float(number("0.0001", "1").value(0.5)) == pytest.approx(0.01)
    assert float(number("1", "3").value(0.5)) == pytest.approx(2)


def test_a_choice_gives_each_word_the_same_room() -> None:
    one = Choice("c", ("a", "b", "c", "d"))

    assert [one.value(share) for share in (0, 0.24, 0.26, 0.75, 1)] == ["a", "a", "b", "d", "d"]
    assert [one.value(one.share(word)) for word in one.values] == ["a", "b", "c", "d"]


def test_a_grid_has_every_combination_once() -> None:
    found = list(grid([Choice("a", ("1", "2")), Choice("b", ("x", "y", "z"))]))

    assert len(found) == 6
    assert len({tuple(one.items()) for one in found}) == 6


def test_the_same_seed_draws_the_same() -> None:
    space: Space = [number("0", "1"), Choice("c", ("a", "b"))]

    first, second = (Draws(space, "Random", 3) for _ in range(2))

    assert [first.next([]) for _ in range(9)] == [second.next([]) for _ in range(9)]


def test_bayesian_draws_come_nearer_to_the_best() -> None:
    draws = Draws([number("0", "100")], "Bayesian", 1)
    tried: list[Tried] = []

    for _ in range(40):
        values = draws.next(tried) or {}
        tried.append(Tried(values, -abs(float(values["x"]) - 70)))

    near = [one for one in tried[20:] if one.score > -10]
    assert len(near) >= 12
    assert max(one.score for one in tried) > -2


@pytest.mark.parametrize(
    ("mine", "others", "stops"),
    [
        ([], [[0.9]] * 3, False),
        ([0.1], [[0.9]] * 3, True),
        ([0.95], [[0.9]] * 3, False),
        ([0.1], [[0.9]] * 2, False),
        ([0.1, 0.2], [[0.9]] * 3, False),
        ([0.1, 0.6], [[0.2, 0.6]] * 3, False),
    ],
)
def test_a_job_stops_early_where_it_is_worse_than_the_others_were(
    mine: list[float], others: list[list[float]], *, stops: bool
) -> None:
    assert early_stop(mine, others) is stops
