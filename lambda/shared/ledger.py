"""The record of each object version: who works on it, what came of each analysis, and what came of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from shared.change import Change
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

WORKING, ANALYSED, REFUSED, FAILED = "working", "analysed", "refused", "failed"
FOUND = "found"
LONGEST_REASON = 1000
Outcome = Mapping[str, Any]
"""What came of one analysis: status, reason, document, count and top."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """Yes, the caller may work on the object version until the lease ends."""

    analyses: Mapping[str, Outcome] = field(default_factory=dict)
    """What is done already, by earlier deliveries."""
    attempts: int = 1
    """How many deliveries have begun to work on it since it last failed for good, this one included."""
    reason: str = ""
    """Why the one before gave up, where it could say so."""
    seen_before: bool = False
    """Whether any delivery began to work on it, ever."""
    lost: int = 0
    """How often work that a service had accepted was given up as lost; the next request must not look like it."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Another delivery works on it now, for so many seconds at most."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """No need: every analysis that is wanted is done, and that is final."""

    analyses: Mapping[str, Outcome] = field(default_factory=dict)


class LeaseLostError(Exception):
    """The lease ended before the work, and another delivery has taken over; what it writes counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Writes every step so that a repeated or concurrent delivery finds what was done before it.

    ``owner`` names one delivery: a claim whose answer was lost is not in its own way, and who has lost the lease
    writes nothing any more.
    """

    table: "Table"
    owner: str
    media: str = "image"
    keep: timedelta | None = None
    """How long results are kept; None keeps them."""

    def claim(
        self, thing: ObjectVersion, wanted: Sequence[str], *, now: datetime, until: datetime
    ) -> Taken | Busy | Done:
        """Take the object version until ``until``, unless it is done or another delivery holds it."""
        given = {
            "status": WORKING,
            "kind": "record",
            "media": self.media,
            "bucket": thing.bucket,
            "key": thing.key,
            "version": thing.version,
            "bytes": thing.size,
            "owner": self.owner,
            "lease_until": seconds(until),
        }
        claim = (
            Change(given | self.dated(now))
            .default("analyses", {})
            .count("attempts", "deliveries")
            .remove("finding", "rank")
        )
        try:
            item = claim.apply(self.table, self._place(thing), self._free(wanted, now))
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            return _in_the_way(error, now)
        reason = str(item.get("reason", ""))
        seen = int(item["deliveries"]) > 1
        return Taken(
            analyses=item["analyses"],
            attempts=int(item["attempts"]),
            reason=reason,
            seen_before=seen,
            lost=int(item.get("lost", 0)),
        )

    def note(self, thing: ObjectVersion, analysis: str, outcome: Outcome, *, now: datetime) -> None:
        """Record what came of one analysis."""
        self._change(thing, Change({f"analyses.{analysis}": outcome} | self.dated(now)))

    def analysed(self, thing: ObjectVersion, *, now: datetime, found: Mapping[str, Any] | None = None) -> None:
        """Record for good that every analysis is done, and what else was ``found`` out about the object."""
        self._change(thing, Change(self._final(ANALYSED, now) | dict(found or {})).remove("reason"))

    def refused(
        self, thing: ObjectVersion, *, now: datetime, reason: str, analyses: Mapping[str, Outcome] | None = None
    ) -> None:
        """Record for good why the object cannot be analysed, and the same of each of ``analyses``."""
        each = {f"analyses.{name}": outcome for name, outcome in (analyses or {}).items()}
        self._change(thing, Change(self._final(REFUSED, now) | each | {"reason": reason[:LONGEST_REASON]}))

    def failed(self, thing: ObjectVersion, *, now: datetime, reason: str, lost: bool = False) -> None:
        """Record why the object could not be analysed yet; a later delivery may try again.

        ``lost`` says that a service accepted the work and never ended it.
        """
        change = Change(self._final(FAILED, now) | {"reason": reason[:LONGEST_REASON]})
        self._change(thing, change.count("lost") if lost else change, Attr("status").is_in([WORKING, FAILED]))

    def released(self, thing: ObjectVersion, *, now: datetime, reason: str, attempts: int) -> None:
        """End the lease early, say why, and set how many attempts count so far."""
        given = {"lease_until": seconds(now), "reason": reason[:LONGEST_REASON], "attempts": attempts}
        self._change(thing, Change(given | self.dated(now)), Attr("status").eq(WORKING))

    def dated(self, now: datetime) -> dict[str, Any]:
        """When an item was written, and when it goes if results are not kept for ever."""
        written: dict[str, Any] = {"updated_at": now.astimezone(UTC).isoformat(timespec="milliseconds")}
        return written | ({"expires_at": int((now + self.keep).timestamp())} if self.keep else {})

    def _final(self, status: str, now: datetime) -> dict[str, Any]:
        listed = {"finding": f"status#{status}", "rank": seconds(now)}
        return {"status": status, "attempts": 0, "lease_until": seconds(now)} | listed | self.dated(now)

    def _free(self, wanted: Sequence[str], now: datetime) -> ConditionBase:
        """Nobody's, failed, abandoned, this delivery's own, or final without all of what is wanted."""
        lapsed = Attr("lease_until").lte(seconds(now)) | Attr("owner").eq(self.owner)
        missing = [Attr(f"analyses.{name}").not_exists() for name in wanted]
        states = [Attr("object").not_exists(), Attr("status").eq(FAILED), Attr("status").eq(WORKING) & lapsed]
        return reduce(or_, [*states, *(Attr("status").is_in([ANALYSED, REFUSED]) & one for one in missing)])

    def _change(self, thing: ObjectVersion, change: Change, still: ConditionBase | None = None) -> None:
        """Change the record while it is this delivery's; a final write whose answer was lost is not taken back."""
        mine = Attr("owner").eq(self.owner)
        try:
            change.apply(self.table, self._place(thing), mine & still if still else mine)
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            message = f"another delivery has taken over {thing.uri}"
            raise LeaseLostError(message) from error

    @staticmethod
    def _place(thing: ObjectVersion) -> dict[str, str]:
        return {"object": thing.uri, "entry": thing.version}


def seconds(moment: datetime) -> Decimal:
    """Seconds since the epoch, as DynamoDB keeps numbers."""
    return Decimal(f"{moment.timestamp():.3f}")


def _in_the_way(error: ClientError, now: datetime) -> Busy | Done:
    """What the item that stood in the way says; this exception carries it in DynamoDB's own notation."""
    response: Mapping[str, Any] = error.response
    item = response.get("Item", {})
    if item.get("status", {}).get("S", WORKING) != WORKING:
        return Done(TypeDeserializer().deserialize(item["analyses"]) if "analyses" in item else {})
    until = float(item.get("lease_until", {}).get("N", 0))
    return Busy(max(0.0, until - now.timestamp()))
