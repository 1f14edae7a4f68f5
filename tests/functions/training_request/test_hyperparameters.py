"""This function and the training image know the same hyperparameters, which only a test can compare."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import architectures, metrics
from training import hyperparameters as image
from training_request import hyperparameters as function
from training_request.request import Range

ROOT = Path(__file__).parents[3]
NUMBERS = st.one_of(st.integers(-5, 10**6).map(str), st.floats(-1, 20).map(str), st.text(max_size=8))


def test_both_know_the_same_names() -> None:
    assert list(function.KNOWN) == list(image.KNOWN)


@pytest.mark.parametrize("name", list(image.KNOWN))
def test_both_know_the_same_values(name: str) -> None:
    theirs, ours = image.KNOWN[name], function.KNOWN[name]

    match ours:
        case function.Choice():
            assert isinstance(theirs, image.Choice)
            assert ours.words == tuple(theirs.words)
        case _:
            assert not isinstance(theirs, image.Choice)
            assert type(ours).__name__ == type(theirs).__name__
            assert (ours.least, ours.most) == (theirs.least, theirs.most)


@given(name=st.sampled_from(sorted(image.KNOWN)), text=NUMBERS)
def test_the_image_takes_whatever_this_function_lets_pass(name: str, text: str) -> None:
    if function.fault(name, text) is None:
        assert image.KNOWN[name].read(text) is not None


@given(number=st.one_of(st.integers(1, 64), st.floats(0.01, 0.9)))
def test_this_function_lets_pass_what_people_write(number: float) -> None:
    text = str(number)

    passes = {name for name in image.KNOWN if function.fault(name, text) is None}

    assert passes == {name for name, one in image.KNOWN.items() if one.read(text) is not None}


def test_both_know_the_same_networks_and_sizes() -> None:
    assert {name: one.image_size for name, one in architectures.ARCHITECTURES.items()} == function.IMAGE_SIZES
    assert architectures.PRETRAINED == function.PRETRAINED
    assert image.Hyperparameters.read({}, pretrained=False).model == function.MODEL


def test_both_know_the_same_metrics() -> None:
    assert metrics.NAMES == function.METRICS


@pytest.mark.parametrize("name", function.METRICS)
def test_a_definition_finds_the_number_that_the_image_writes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    metrics.write(name, 12.3456)

    patterns = {one["Name"]: one["Regex"] for one in function.metric_definitions()}
    found = re.search(patterns[name], capsys.readouterr().out)
    assert found
    assert float(found.group(1)) == pytest.approx(12.3456)


def test_both_know_the_same_onnx() -> None:
    exporting = (ROOT / "containers" / "training" / "training" / "exporting.py").read_text(encoding="utf-8")

    assert f"\nOPSET = {function.ONNX_OPSET}\n" in exporting


def test_the_report_holds_what_a_gate_may_judge() -> None:
    report = (ROOT / "containers" / "training" / "training" / "report.py").read_text(encoding="utf-8")

    assert all(f'"{name}":' in report for name in function.REPORT_METRICS)


def test_a_range_of_words_is_checked_word_by_word() -> None:
    tried = Range(name="model", kind="categorical", values=("tiny-resnet", "resnet-1"))

    assert "resnet-1" in (function.range_fault(tried) or "")
