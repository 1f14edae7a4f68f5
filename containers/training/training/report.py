"""How good a classifier is: numbers for people, for gates and for SageMaker's model registry."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.floating]
Numbers = NDArray[np.int64]
Document = Mapping[str, object]


def of(logits: Logits, truths: Numbers, labels: Sequence[str]) -> Document:
    """The report on [pictures, labels] answers to pictures whose labels' numbers are ``truths``."""
    rows = confusion(logits.argmax(axis=1), truths, len(labels))
    each = [_scores(rows, number) for number in range(len(labels))]
    judged = [scores for scores in each if scores["count"]]  # a label without a picture says nothing
    accuracy = float(np.trace(rows) / rows.sum())
    return {
        "metrics": {
            "accuracy": accuracy,
            "macro_f1": sum(scores["f1"] for scores in judged) / len(judged),
            "loss": loss(logits, truths),
        },
        "per_class": dict(zip(labels, each, strict=True)),
        "confusion_matrix": {"labels": [*labels], "rows": rows.tolist()},
        "multiclass_classification_metrics": _monitored(rows, each, accuracy, labels),
    }


def confusion(guesses: Numbers, truths: Numbers, count: int) -> Numbers:
    """How often which label (row) was taken for which (column)."""
    rows = np.zeros((count, count), np.int64)
    np.add.at(rows, (truths, guesses), 1)
    return rows


def loss(logits: Logits, truths: Numbers) -> float:
    """The mean cross-entropy."""
    high = logits.astype(np.float64)
    high = high - high.max(axis=1, keepdims=True)
    rest = np.log(np.exp(high).sum(axis=1))
    return float((rest - high[np.arange(len(truths)), truths]).mean())


def accuracy(logits: Logits, truths: Numbers) -> float:
    """The part of the pictures that are told right."""
    return float((logits.argmax(axis=1) == truths).mean())


def _scores(rows: Numbers, number: int) -> Mapping[str, float]:
    right, guessed, count = int(rows[number, number]), int(rows[:, number].sum()), int(rows[number].sum())
    precision, recall = (right / guessed if guessed else 0.0), (right / count if count else 0.0)
    both = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
        "count": count,
    }


def _monitored(rows: Numbers, each: Sequence[Mapping[str, float]], right: float, labels: Sequence[str]) -> Document:
    """In the words of SageMaker Model Monitor, which the model registry shows.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    weights = [scores["count"] / rows.sum() for scores in each]
    weighted = {
        f"weighted_{name}": {
            "value": float(sum(weight * scores[name] for weight, scores in zip(weights, each, strict=True))),
            "standard_deviation": "NaN",
        }
        for name in ("precision", "recall", "f1")
    }
    matrix = {
        label: {other: int(rows[row, column]) for column, other in enumerate(labels)}
        for row, label in enumerate(labels)
    }
    return {"confusion_matrix": matrix, "accuracy": {"value": right, "standard_deviation": "NaN"}, **weighted}
