"""What a stage says of itself is taken as it is, or refused with the name of what is wrong; never half understood."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.ecs.told import Told, UnreadableError
from mlstack.ecs.training.settings import Settings
from tests.mlstack.ecs.conftest import TRAINING

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MARKETS = ("spot", "on-demand")
NEEDED = sorted(TRAINING.keys() - {"stage", "region", "vcpu", "memory_gb", "image", "usd_per_hour"})


def read(text: str) -> tuple[Settings | None, str]:
    """What is understood, and why not."""
    try:
        return Settings.read(text), ""
    except UnreadableError as error:
        return None, str(error)


@given(st.sampled_from(sorted(TRAINING)), JSON)
def test_any_value_is_understood_or_refused_by_its_name(key: str, value: object) -> None:
    found, refused = read(json.dumps({**TRAINING, key: value}))

    assert (found is None) == any(name in refused for name in (key, *MARKETS))
    assert refused.isprintable()
    if found:
        assert found.machine.isprintable()
        assert 1 <= found.max_hours <= 672
        assert all(usd is None or (usd.is_finite() and usd >= 0) for usd in found.usd_per_hour.values())


@pytest.mark.parametrize("key", NEEDED)
def test_what_is_needed_is_missed_by_its_name(key: str) -> None:
    told = {name: value for name, value in TRAINING.items() if name != key}

    with pytest.raises(UnreadableError, match=key):
        Settings.read(json.dumps(told))


@pytest.mark.parametrize("key", ["vcpu", "memory_gb", "usd_per_hour"])
def test_what_may_be_unknown_may_be_missing(key: str) -> None:
    told = {name: value for name, value in TRAINING.items() if name != key}

    assert Settings.read(json.dumps(told)).cluster == "mlstack-sandbox"


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{", "[" * 10_000, '"x"'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="it is no"):
        Told.read(text)


@pytest.mark.parametrize(("value", "amount"), [("0.40", "0.40"), (1.5, "1.5"), (0, "0"), ("1E+1", "1E+1")])
def test_an_amount_may_be_a_text_or_a_number(value: object, amount: str) -> None:
    assert Told({"usd": value}).amount("usd") == Decimal(amount)


@pytest.mark.parametrize("value", ["", "free", -1, "-0.1", "NaN", "Infinity", True, [], {}])
def test_what_is_no_amount_is_no_price(value: object) -> None:
    with pytest.raises(UnreadableError, match="its usd is no amount"):
        Told({"usd": value}).amount("usd")


@pytest.mark.parametrize("value", [True, 1.0, "1", None, 0, 11])
def test_a_whole_number_is_one_within_its_bounds(value: object) -> None:
    with pytest.raises(UnreadableError, match="from 1 to 10"):
        Told({"n": value}).whole("n", 1, 10)


@pytest.mark.parametrize("value", [1, 10])
def test_the_bounds_are_within(value: int) -> None:
    assert Told({"n": value}).whole("n", 1, 10) == value


def test_a_text_cannot_move_a_cursor() -> None:
    assert Told({"a": "x\x1b[2J"}).text("a") == "x\N{REPLACEMENT CHARACTER}[2J"


@pytest.mark.parametrize("definition", ["arn:aws:ecs:r:1:task-definition/fam-ily:7", "fam-ily:7", "fam-ily"])
def test_a_task_definition_names_its_family(definition: str) -> None:
    assert Settings.read(json.dumps(TRAINING | {"task_definition": definition})).family == "fam-ily"
