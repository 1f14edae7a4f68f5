"""This function and the training image know the same hyperparameters, which only a test can compare."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import architectures, metrics
from training import hyperparameters as image
from training.problem import ProblemError
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


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("model", [None, "tiny-resnet", "vit-base", "pretrained"])
@pytest.mark.parametrize("side", [None, "64"])
def test_both_refuse_the_same_networks_with_and_without_a_channel_for_one(
    model: str | None, side: str | None, *, given: bool
) -> None:
    told = {name: text for name, text in (("model", model), ("image_size", side)) if text}
    channels = ["train", "pretrained"] if given else ["train"]

    ours = [name for name, text in told.items() if function.network_fault(name, text, channels)]

    if ours:
        with pytest.raises(ProblemError, match=f"hyperparameter ({'|'.join(ours)}): "):
            image.Hyperparameters.read(told, pretrained=given)
    else:
        image.Hyperparameters.read(told, pretrained=given)


@pytest.mark.parametrize("given", [False, True])
def test_both_take_the_same_network_where_nobody_names_one(*, given: bool) -> None:
    model = image.Hyperparameters.read({}, pretrained=given).model

    side = function.image_size({}, ["pretrained"] if given else [])

    assert side == (architectures.ARCHITECTURES[model].image_size if model in architectures.ARCHITECTURES else None)


@pytest.mark.parametrize(
    ("channels", "name", "values", "refused"),
    [
        (["pretrained"], "model", ("tiny-resnet", "pretrained"), "cannot both be had"),
        ([], "model", ("tiny-resnet", "pretrained"), "needs a channel of that name"),
        (["pretrained"], "image_size", ("64", "96"), "has its own; leave it out"),
        (["pretrained"], "model", ("pretrained",), ""),
        ([], "image_size", ("64", "96"), ""),
    ],
)
def test_no_trial_is_of_a_network_that_the_channel_does_not_let_be(
    channels: list[str], name: str, values: tuple[str, ...], refused: str
) -> None:
    fault = function.range_fault(Range(name=name, kind="categorical", values=values), channels)

    assert refused in (fault or "")
    assert bool(fault) == bool(refused)


def test_both_know_the_same_squares() -> None:
    families = {name: one for name, one in architectures.ARCHITECTURES.items() if one.family == "vit"}

    assert {name: one.config.get("patch_size", 16) for name, one in families.items()} == function.PATCHES


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"model": "tiny-vit", "image_size": "60"}, "must be a multiple of 8 for tiny-vit, not 60"),
        ({"model": "vit-base", "image_size": "72"}, "must be a multiple of 16 for vit-base, not 72"),
        ({"model": "vit-base", "image_size": "96"}, None),
        ({"model": "vit-base", "image_size": "many"}, None),
        ({"model": "resnet-18", "image_size": "61"}, None),
        ({"image_size": "61"}, None),
        ({"model": "vit-base"}, None),
    ],
)
def test_a_picture_holds_whole_squares(told: dict[str, str], reason: str | None) -> None:
    assert function.size_fault(told) == reason
