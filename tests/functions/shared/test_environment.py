"""A number that limits something is one that time can be reckoned with, or an error."""

import pytest

from shared.environment import MOST, amount


@pytest.mark.parametrize(("told", "number"), [("24", 24.0), (0.5, 0.5), (7, 7.0), ("1e3", 1000.0), (MOST, MOST)])
def test_amount_is_a_positive_number(told: object, number: float) -> None:
    assert amount("MAX_HOURS", told) == number


HOSTILE = ["", "soon", "0", "-5", "nan", "inf", "-inf", "1e300", 0, -1, MOST + 1, float("nan"), True, None, [], {}]


@pytest.mark.parametrize("told", HOSTILE)
def test_anything_else_is_an_error(told: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        amount("MAX_HOURS", told)


def test_error_names_the_variable_and_its_bounds() -> None:
    with pytest.raises(ValueError, match=r"MAX_HOURS must be between 0 and 100,000, not -1"):
        amount("MAX_HOURS", -1)
