"""Metric math in an alarm: what each period comes to, and what is not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.alarms.expression import parse
from mlstack.local.alarms.series import ExpressionError, Scope, Series

PERIODS = 5
GAPS: dict[str, Series] = {
    "m1": {0: 1.0, 1: 2.0, 3: 4.0},
    "m2": {0: 10.0, 2: 30.0, 3: 0.0},
    "none": {},
    "steep": {0: 100.0, 1: 2.0, 3: 6.0, 4: 50.0},
    "wide": {0: 9.0, 3: 0.0},
}


def value(text: str, known: dict[str, Series] = GAPS) -> Series:
    return parse(text).series(Scope(known.__getitem__, sorted(known), PERIODS))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("m1", {0: 1.0, 1: 2.0, 3: 4.0}),
        ("m1 + m2", {0: 11.0, 3: 4.0}),
        ("FILL(m1, 0) + FILL(m2, 0)", {0: 11.0, 1: 2.0, 2: 30.0, 3: 4.0, 4: 0.0}),
        ("FILL(none,0)", dict.fromkeys(range(PERIODS), 0.0)),
        ("fill(m1,0)", {0: 1.0, 1: 2.0, 2: 0.0, 3: 4.0, 4: 0.0}),
        ("FILL(m1, REPEAT)", {0: 1.0, 1: 2.0, 2: 4.0, 3: 4.0}),
        ("FILL(m1, LINEAR)", {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}),
        ("FILL(steep, LINEAR)", {0: 100.0, 1: 2.0, 2: 4.0, 3: 6.0, 4: 50.0}),
        ("FILL(wide, LINEAR)", {0: 9.0, 1: 6.0, 2: 3.0, 3: 0.0}),
        ("FILL(m1, m2)", {0: 1.0, 1: 2.0, 2: 30.0, 3: 4.0}),
        ("m1 / m2", {0: 0.1}),
        ("1 + 2 * 3", dict.fromkeys(range(PERIODS), 7.0)),
        ("(1 + 2) * 3", dict.fromkeys(range(PERIODS), 9.0)),
        ("-m1 ^ 2", {0: -1.0, 1: -4.0, 3: -16.0}),
        ("10 - 4 - 3", dict.fromkeys(range(PERIODS), 3.0)),
        ("m1 > 1", {0: 0.0, 1: 1.0, 3: 1.0}),
        ("m1 > 1 AND m1 < 4", {0: 0.0, 1: 1.0, 3: 0.0}),
        ("m1 == 1 || m1 == 4", {0: 1.0, 1: 0.0, 3: 1.0}),
        ("IF(m1 >= 2, m1)", {1: 2.0, 3: 4.0}),
        ("IF(m1 >= 2, m1, 0)", {0: 0.0, 1: 2.0, 3: 4.0}),
        ("IF(1, 2, 3)", dict.fromkeys(range(PERIODS), 2.0)),
        ("MAX(m1)", dict.fromkeys(range(PERIODS), 4.0)),
        ("MAX([m1, m2])", {0: 10.0, 1: 2.0, 2: 30.0, 3: 4.0}),
        ("SUM(METRICS())", {0: 120.0, 1: 4.0, 2: 30.0, 3: 10.0, 4: 50.0}),
        ("AVG([m1, 3])", {0: 2.0, 1: 2.5, 2: 3.0, 3: 3.5, 4: 3.0}),
        ("SUM(FILL([m1, m2], 0))", {0: 11.0, 1: 2.0, 2: 30.0, 3: 4.0, 4: 0.0}),
        ("MIN(none)", {}),
        ("CEIL(m1 / 3) + FLOOR(m1 / 3) + ABS(0 - m1)", {0: 2.0, 1: 3.0, 3: 7.0}),
        (".5 + 1.5e1", dict.fromkeys(range(PERIODS), 15.5)),
    ],
)
def test_an_expression_has_the_value_that_the_manual_gives(text: str, wanted: Series) -> None:
    assert value(text) == pytest.approx(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m1 +",
        "m1 m2",
        "(m1",
        "m1)",
        "[m1",
        'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2")',
        "ANOMALY_DETECTION_BAND(m1, 2)",
        "FILL(m1)",
        "IF(m1)",
        "M1",
        "m1 ! m2",
        "(" * 5000 + "m1" + ")" * 5000,
        "-" * 5000 + "m1",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize("text", ["[m1, m2]", "METRICS()", "[m1] + 1", "m1 + REPEAT", "FILL(m1, [m2])"])
def test_what_is_no_series_is_refused_when_it_is_looked_at(text: str) -> None:
    with pytest.raises(ExpressionError):
        value(text)


def test_an_expression_names_what_it_needs() -> None:
    assert parse("FILL(visible, 0) + IF(hidden > 1, hidden, other_1)").names == {"visible", "hidden", "other_1"}


SERIES = st.dictionaries(st.integers(0, PERIODS - 1), st.floats(-1e6, 1e6), max_size=PERIODS)


@given(SERIES, SERIES)
def test_a_sum_is_known_where_both_are_and_everywhere_once_both_are_filled(one: Series, other: Series) -> None:
    known = {"m1": one, "m2": other}

    plain, filled = value("m1 + m2", known), value("FILL(m1, 0) + FILL(m2, 0)", known)

    assert plain == {age: one[age] + other[age] for age in one.keys() & other.keys()}
    assert filled == {age: one.get(age, 0.0) + other.get(age, 0.0) for age in range(PERIODS)}


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except ExpressionError:
        return
    assert isinstance(found.names, frozenset)
