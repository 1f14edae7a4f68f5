"""The record of a video, of which each analysis is done in its own time: whoever does the last one closes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from shared import announcement, clock
from shared.change import Change
from shared.ledger import FAILED, REFUSED, Ledger, Outcome
from shared.object_version import ObjectVersion
from shared.verdict import Outcomes, flags, verdict

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MEDIA = "video"


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
        status, reason = verdict(outcomes)
        self._announce(status, reason, outcomes)
        if status == REFUSED:
            self.ledger.refused(self.thing, now=clock.now(), reason=reason)
        else:
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
        labels = flags(outcomes, self.moderation)
        action = self.moderation.get("action", "record")
        flagged = [announcement.flagged(self.stage, self.thing, media=MEDIA, action=action, labels=labels)]
        announcement.announce(self.events, [told, *(flagged if labels else [])])

    @property
    def _key(self) -> dict[str, str]:
        return {"object": self.thing.uri, "entry": self.thing.version}
