"""The report's numbers, against ones worked out by hand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import outcome, report

LABELS = ("cat", "dog", "fox")
TRUTHS = np.array([0, 0, 0, 1, 1, 2], np.int64)
GUESSES = np.array([0, 0, 1, 1, 1, 0], np.int64)
LOGITS = np.eye(3)[GUESSES] * 2.0


def test_report_counts_what_was_taken_for_what() -> None:
    made = report.of(LOGITS, TRUTHS, LABELS)

    assert made["confusion_matrix"] == {"labels": ["cat", "dog", "fox"], "rows": [[2, 1, 0], [0, 2, 0], [1, 0, 0]]}


def test_report_scores_every_label() -> None:
    made = report.of(LOGITS, TRUTHS, LABELS)

    assert made["per_class"] == {
        "cat": {
            "precision": pytest.approx(2 / 3),
            "recall": pytest.approx(2 / 3),
            "f1": pytest.approx(2 / 3),
            "count": 3,
        },
        "dog": {"precision": pytest.approx(2 / 3), "recall": 1.0, "f1": pytest.approx(0.8), "count": 2},
        "fox": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "count": 1},
    }


def test_report_sums_up() -> None:
    made = report.of(LOGITS, TRUTHS, LABELS)

    right = math.log(math.exp(2) + 2) - 2
    wrong = math.log(math.exp(2) + 2)
    assert made["metrics"] == {
        "accuracy": pytest.approx(4 / 6),
        "macro_f1": pytest.approx((2 / 3 + 0.8) / 3),
        "loss": pytest.approx((4 * right + 2 * wrong) / 6),
    }


def test_report_speaks_as_sagemaker_model_monitor() -> None:
    made = report.of(LOGITS, TRUTHS, LABELS)["multiclass_classification_metrics"]

    assert isinstance(made, dict)
    assert made["confusion_matrix"]["cat"] == {"cat": 2, "dog": 1, "fox": 0}
    assert made["accuracy"] == {"value": pytest.approx(4 / 6), "standard_deviation": "NaN"}
    assert made["weighted_recall"]["value"] == pytest.approx(4 / 6)


def test_label_without_a_picture_says_nothing() -> None:
    made = report.of(np.eye(3)[[0, 1]], np.array([0, 1], np.int64), LABELS)

    assert made["metrics"]["macro_f1"] == 1.0  # type: ignore[index]
    assert made["per_class"]["fox"]["count"] == 0  # type: ignore[index]


def test_loss_of_a_very_sure_model_is_finite() -> None:
    loss = report.loss(np.array([[10_000.0, -10_000.0]], np.float32), np.array([1], np.int64))

    assert loss == pytest.approx(20_000)


@pytest.mark.parametrize(
    "labels", [LABELS, ("a" * 60, "ñ 日本", "x"), tuple(f"label {number}" for number in range(60))]
)
def test_report_is_written_with_its_chart(tmp_path: Path, labels: tuple[str, ...]) -> None:
    truths = np.arange(len(labels), dtype=np.int64)
    made = report.of(np.eye(len(labels)), truths, labels)

    outcome.write(made, tmp_path / "evaluation")

    assert json.loads((tmp_path / "evaluation" / "evaluation.json").read_text(encoding="utf-8")) == made
    with Image.open(tmp_path / "evaluation" / "confusion_matrix.png") as chart:
        assert chart.width == chart.height > 200
        colours = {colour for _, colour in chart.getcolors(100_000) or ()}
    assert (23, 92, 140) in colours  # every picture of each label was told right
