"""What the outcomes of an object's analyses come to."""

from collections.abc import Mapping
from typing import Any

from shared.ledger import ANALYSED, FOUND, REFUSED, Outcome

Outcomes = Mapping[str, Outcome]


def verdict(outcomes: Outcomes) -> tuple[str, str]:
    """The object's final status, and why analyses were refused: refused as a whole only where all of them were."""
    refused = {name: outcome["reason"] for name, outcome in outcomes.items() if outcome["status"] == REFUSED}
    status = REFUSED if len(refused) == len(outcomes) else ANALYSED
    return status, "; ".join(f"{name}: {reason}" for name, reason in refused.items())


def flags(outcomes: Outcomes, moderation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The labels of moderation that the profile acts on; ``moderation`` is its table, or empty."""
    outcome = outcomes.get("moderation", {})
    if outcome.get("status") != FOUND or moderation.get("action", "record") == "record":
        return []
    return [label for label in outcome["top"] if label["confidence"] >= moderation["act_at"]]
