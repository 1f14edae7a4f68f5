"""Lines that SageMaker's metric definitions find."""

import re

import pytest

from training import metrics


@pytest.mark.parametrize("value", [0.0, 1e-9, 0.25, 123456789.125])
def test_metric_is_found_whole(capsys: pytest.CaptureFixture[str], value: float) -> None:
    metrics.write("validation:loss", value)

    [found] = re.findall("validation:loss=([0-9.]+)$", capsys.readouterr().out.strip())
    assert float(found) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_no_metric(capsys: pytest.CaptureFixture[str], value: float) -> None:
    metrics.write("train:loss", value)

    assert capsys.readouterr().out == ""


def test_metric_that_no_definition_names_is_not_written() -> None:
    with pytest.raises(ValueError, match="train:los"):
        metrics.write("train:los", 1.0)
