"""What the outcomes of an object's analyses come to."""

from decimal import Decimal
from typing import Any

import pytest

from shared.verdict import flags, verdict

FOUND: dict[str, Any] = {"status": "found", "top": []}
REFUSED: dict[str, Any] = {"status": "refused", "reason": "too wide"}
TABLE = {"action": "tag", "act_at": 80.0}


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"labels": FOUND}, ("analysed", "")),
        ({"labels": FOUND, "faces": REFUSED}, ("analysed", "faces: too wide")),
        ({"labels": REFUSED, "faces": REFUSED}, ("refused", "labels: too wide; faces: too wide")),
    ],
)
def test_an_object_is_refused_only_where_every_analysis_was(
    outcomes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert verdict(outcomes) == expected


def moderated(confidence: float | Decimal, status: str = "found") -> dict[str, Any]:
    return {"moderation": {"status": status, "reason": "r", "top": [{"name": "Violence", "confidence": confidence}]}}


@pytest.mark.parametrize("confidence", [80.0, Decimal("80.00"), 99])
@pytest.mark.parametrize("action", ["tag", "quarantine"])
def test_a_label_flags_from_the_profiles_confidence_on(confidence: float | Decimal, action: str) -> None:
    found = flags(moderated(confidence), TABLE | {"action": action})

    assert [one["name"] for one in found] == ["Violence"]


@pytest.mark.parametrize(
    ("outcomes", "table"),
    [
        (moderated(79.99), TABLE),
        (moderated(99), TABLE | {"action": "record"}),
        (moderated(99), {}),
        (moderated(99, "refused"), TABLE),
        ({"labels": FOUND}, TABLE),
    ],
)
def test_nothing_else_flags(outcomes: dict[str, Any], table: dict[str, Any]) -> None:
    assert flags(outcomes, table) == []
