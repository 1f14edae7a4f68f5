"""Whatever is sent, the answer is a plan or a refusal with a reason on each line: never an accident."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.training_request.conftest import TOLD, planned, train, tune
from training_request import reading
from training_request.problems import MOST, Problems, RequestError

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=30),
        st.sampled_from([10**400, -(10**400), "\x00", "a\nb: c", "💥" * 3000, "s3://", "s3://datasets/../x", "\u202e"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)),
    max_leaves=8,
)
SECTIONS = {
    "train": reading.TRAIN_KEYS,
    "tune": reading.TUNE_KEYS,
    "evaluate": reading.EVALUATE_KEYS,
    "gate": ("metric", "at_least", "at_most"),
    "compile": reading.COMPILE_KEYS,
    "deploy": ("endpoint", "memory_mb", "max_concurrency"),
    "transform": reading.TRANSFORM_KEYS,
}


def answered(request: object) -> list[str]:
    """The lines of the refusal; [] for a plan, which must be JSON."""
    try:
        json.dumps(planned(request), allow_nan=False)
    except RequestError as error:
        return str(error).split("\n")
    return []


def right(lines: list[str]) -> bool:
    """Whether each line names a place and a reason, in a length that people read."""
    return all(": " in line and line.isprintable() and len(line) < 800 for line in lines) and len(lines) <= MOST + 1


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(junk=JUNK)
def test_junk_is_refused(junk: object) -> None:
    assert right(answered(junk))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_request_with_junk_in_it_is_refused_or_planned(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SECTIONS)))
    part = data.draw(st.one_of(JUNK, st.dictionaries(st.sampled_from(SECTIONS[name]), JUNK, min_size=1)))
    base = tune() if name == "tune" else train()
    whole = {**base, name: {**base.get(name, {}), **part} if isinstance(part, dict) else part}

    assert right(answered(whole))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(reading.KEYS), JUNK))
def test_sections_of_junk_are_refused(request: object) -> None:
    lines = answered(request)

    assert lines
    assert right(lines)


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=20), one=JUNK)
def test_junk_for_a_range_is_refused_or_planned(name: str, one: object) -> None:
    assert right(answered(tune(ranges={name: one, "seed": {"kind": "integer", "min": one, "max": 9}})))


@pytest.mark.parametrize("event", [None, [], "text", 7, {}, {"request": None}, {"request": []}, {"execution": "x"}])
def test_an_event_without_a_request_is_refused_at_once(event: object) -> None:
    with pytest.raises(RequestError, match=r"^request: must be an object of model, train"):
        reading.read(event, TOLD, Problems())


@pytest.mark.parametrize("execution", [None, "", 7, "x" * 81, ["x"]])
def test_an_execution_without_a_name_is_a_problem(execution: object) -> None:
    problems = Problems()
    reading.read({"request": train(), "execution": execution}, TOLD, problems)

    with pytest.raises(RequestError, match=r"^execution: must be the execution's name, of 1 to 80 characters$"):
        problems.raise_any()


def test_a_hundred_problems_are_forty_lines_and_a_number() -> None:
    lines = answered(train(**{f"key{number}": 1 for number in range(100)}))

    assert len(lines) == MOST + 1
    assert lines[-1] == "request: 60 more problems"


def test_forty_problems_are_forty_lines() -> None:
    lines = answered(train(**{f"key{number}": 1 for number in range(MOST)}))

    assert len(lines) == MOST
    assert "more problems" not in lines[-1]
