"""The record of a video, of which each analysis is done in its own time: whoever does the last one closes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from shared import announcement, clock
from shared.change import Change
from shared.ledger import ANALYSED, FAILED, FOUND, REFUSED, Ledger, Outcome
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MEDIA = "video"
Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoRecord:
    """What is known of one video."""

    thing: ObjectVersion
    ledger: Ledger
    events: "EventBridgeClient"
    stage: str
    moderation: Mapping[str, Any]
    """The profile's table for it; empty where no video is moderated."""

    def outcomes(self) -> Outcomes:
        """What came of each analysis so far."""
        answer = self.ledger.table.get_item(Key=self._key, ConsistentRead=True)
        item: Mapping[str, Any] = answer.get("Item", {})
        outcomes: Outcomes = item.get("analyses", {})
        return outcomes

    def note(self, analysis: str, outcome: Outcome, found: Mapping[str, Any] | None = None) -> Outcomes:
        """Record what came of one analysis, whoever holds the record; give all outcomes as they are then.

        Writes of one item are in order: of any number of functions that note at the same time, exactly the last one is
        told of all outcomes. The first outcome of an analysis stays.
        """
        given = {f"analyses.{analysis}": outcome} | dict(found or {}) | self.ledger.dated(clock.now())
        new = Attr("object").exists() & Attr(f"analyses.{analysis}").not_exists()
        try:
            item = Change(given).apply(self.ledger.table, self._key, new)
        except self.ledger.table.meta.client.exceptions.ConditionalCheckFailedException:
            return self.outcomes()
        analyses: Outcomes = item["analyses"]
        return analyses

    def close(self, outcomes: Outcomes) -> None:
        """Announce and record that every analysis is done; the ledger's owner must have claimed the record."""
        refused = {name: outcome for name, outcome in outcomes.items() if outcome["status"] == REFUSED}
        reason = "; ".join(f"{name}: {outcome['reason']}" for name, outcome in refused.items())
        if len(refused) == len(outcomes):
            self._announce(REFUSED, reason, outcomes)
            self.ledger.refused(self.thing, now=clock.now(), reason=reason)
        else:
            self._announce(ANALYSED, reason, outcomes)
            self.ledger.analysed(self.thing, now=clock.now())

    def fail(self, reason: str, outcomes: Outcomes, *, lost: bool = False, silent: bool = False) -> None:
        """Announce and record why some analyses could not be done yet; the owner must have claimed the record."""
        if not silent:
            self._announce(FAILED, reason, outcomes)
        self.ledger.failed(self.thing, now=clock.now(), reason=reason, lost=lost)

    def _announce(self, status: str, reason: str, outcomes: Outcomes) -> None:
        """Tell everybody, before the record is final: an event may come twice, and is never lost."""
        told = announcement.analysed(
            self.stage, self.thing, media=MEDIA, status=status, reason=reason, analyses=outcomes
        )
        labels = self._flags(outcomes)
        action = self.moderation.get("action", "record")
        flagged = [announcement.flagged(self.stage, self.thing, media=MEDIA, action=action, labels=labels)]
        announcement.announce(self.events, [told, *(flagged if labels else [])])

    def _flags(self, outcomes: Outcomes) -> list[Mapping[str, object]]:
        """The labels of moderation that the profile acts on."""
        outcome = outcomes.get("moderation", {})
        if outcome.get("status") != FOUND or self.moderation.get("action", "record") == "record":
            return []
        return [label for label in outcome["top"] if label["confidence"] >= self.moderation["act_at"]]

    @property
    def _key(self) -> dict[str, str]:
        return {"object": self.thing.uri, "entry": self.thing.version}
