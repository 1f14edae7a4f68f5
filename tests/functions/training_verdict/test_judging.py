"""A gate passes what is good enough and nothing else, and says why in words."""

import json
import math
import re
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_verdict.judging import Verdict, final, judged, numbers

NAMES = st.sampled_from(["accuracy", "loss", "validation:accuracy"])


def judge(gate: dict[str, Any] | None, objective: str | None = None, /, **metrics: float) -> Verdict:
    """Judge by metrics alone."""
    return judged(gate, metrics, report=None, objective=objective)


@pytest.mark.parametrize(
    ("gate", "value", "reason", "passed"),
    [
        ({"metric": "accuracy", "at_least": 0.8}, 0.91, "accuracy 0.91 is at least 0.8", True),
        ({"metric": "accuracy", "at_least": 0.8}, 0.8, "accuracy 0.8 is at least 0.8", True),
        ({"metric": "accuracy", "at_least": 0.8}, 0.61, "accuracy 0.61 is not at least 0.8", False),
        ({"metric": "accuracy", "at_least": 0.8}, 0.79999, "accuracy 0.79999 is not at least 0.8", False),
        ({"metric": "accuracy", "at_most": 0.2}, 0.1, "accuracy 0.1 is at most 0.2", True),
        ({"metric": "accuracy", "at_most": 0.2, "at_least": None}, 0.3, "accuracy 0.3 is not at most 0.2", False),
        (
            {"metric": "accuracy", "at_least": 0.1, "at_most": 0.2},
            0.15,
            "accuracy 0.15 is at least 0.1 and at most 0.2",
            True,
        ),
        ({"metric": "accuracy", "at_least": 0.1, "at_most": 0.2}, 0.3, "accuracy 0.3 is not at most 0.2", False),
    ],
)
def test_a_gate_lets_through_what_is_good_enough(
    gate: dict[str, Any], value: float, reason: str, *, passed: bool
) -> None:
    verdict = judge(gate, accuracy=value)

    assert (verdict.passed, verdict.reason) == (passed, reason)
    assert (verdict.metric, verdict.value) == ("accuracy", value)


def test_a_metric_that_is_missing_is_no_pass_and_the_others_are_named() -> None:
    verdict = judge({"metric": "accuracy", "at_least": 0.8}, loss=0.3, f1=0.7)

    assert not verdict.passed
    assert verdict.value is None
    assert verdict.reason == "there is no metric accuracy: there are f1, loss"


def test_no_metric_at_all_is_no_pass() -> None:
    verdict = judge({"metric": "accuracy", "at_least": 0.8})

    assert not verdict.passed
    assert verdict.reason == "there is no metric accuracy: there is no metric at all"


def test_many_metrics_are_not_all_named() -> None:
    verdict = judge({"metric": "accuracy", "at_least": 0.8}, None, **{f"m{number:02}": 1.0 for number in range(30)})

    assert verdict.reason.endswith("m08, m09 and 20 more")


@pytest.mark.parametrize(
    ("objective", "metrics", "told"),
    [
        (None, {"accuracy": 0.9, "loss": 0.1}, ("accuracy", 0.9)),
        (None, {"validation:accuracy": 0.9}, ("validation:accuracy", 0.9)),
        ("validation:f1", {"validation:accuracy": 0.9, "validation:f1": 0.8}, ("validation:f1", 0.8)),
        ("validation:f1", {"loss": 0.1}, (None, None)),
        (None, {}, (None, None)),
    ],
)
def test_without_a_gate_everything_passes_and_the_best_known_metric_is_told(
    objective: str | None, metrics: dict[str, float], told: tuple[str | None, float | None]
) -> None:
    verdict = judge(None, objective, **metrics)

    assert verdict.passed
    assert (verdict.metric, verdict.value, verdict.wanted) == (*told, None)


@given(number=st.decimals(0, 1, places=4).map(float))
def test_32_bits_do_not_make_a_metric_smaller_than_it_was_printed(number: float) -> None:
    [kept] = struct.unpack("f", struct.pack("f", number))
    metrics = final([{"MetricName": "accuracy", "Value": kept}])

    assert judge({"metric": "accuracy", "at_least": number, "at_most": number}, None, **metrics).passed


@given(told=st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists))
def test_only_finite_numbers_are_metrics(told: object) -> None:
    kept = numbers({"metric": told, "other": 1})

    assert kept["other"] == 1.0
    assert all(math.isfinite(value) for value in kept.values())
    assert isinstance(told, int | float) or "metric" not in kept


@pytest.mark.parametrize("told", [None, [], "text", 3, {"a": True}, {"a": math.nan}, {"a": 10**400}, {"a": "0.9"}])
def test_what_is_no_metric_counts_for_nothing(told: object) -> None:
    assert numbers(told) == {}


@given(
    gate=st.none()
    | st.fixed_dictionaries(
        {"metric": NAMES, "at_least": st.none() | st.floats(-1, 1), "at_most": st.none() | st.floats(-1, 1)}
    ),
    metrics=st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False)),
)
def test_every_verdict_is_json_with_a_reason(gate: dict[str, Any] | None, metrics: dict[str, float]) -> None:
    verdict = judged(gate, metrics, report="s3://models/evaluation.json", objective=None)

    told = json.loads(json.dumps(verdict.told(), allow_nan=False))
    assert told["reason"]
    assert all(isinstance(text, str) and 0 < len(text) <= 256 for text in told["metadata"].values())


@given(metric=st.text(min_size=1, max_size=400))
def test_a_version_says_what_it_was_judged_by_in_letters_that_sagemaker_takes(metric: str) -> None:
    verdict = judged({"metric": metric, "at_least": 0.5}, {metric: 0.75}, report=None, objective=None)

    assert re.fullmatch(r"[\w .:/=+\-@]{1,256}", verdict.metadata["metric"])
    assert (verdict.metadata["value"], verdict.metadata["gate"]) == ("0.75", "at least 0.5")


def test_what_was_not_judged_says_nothing_of_it() -> None:
    assert judge(None).metadata == {}
