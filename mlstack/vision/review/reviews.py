"""The reviews of a stage as its results table keeps them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.vision.results import Named, Results

PENDING, UNASKED = "pending", "unasked"
STATUSES = (PENDING, "approved", "rejected", "expired", "failed", UNASKED)
DECIDED = ("approved", "rejected")
SHOWN = 10
NUMBERS = range(100_000, 1_000_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One flagged version of one object."""

    object: str
    version: str
    bucket: str
    key: str
    media: str
    status: str
    labels: tuple[Named, ...]
    """Why it was flagged, the most certain first."""
    updated_at: str = ""
    quarantined: str = ""
    """The S3 URI of the copy in quarantine."""
    version_id: str = ""
    reason: str = ""
    """Why it failed, or what could not be done."""
    decided_by: str = ""
    decided_at: str = ""
    note: str = ""

    @property
    def number(self) -> int:
        """A short name for it that stays the same whatever else is flagged."""
        digest = hashlib.sha256(f"{self.object}\n{self.version}".encode()).digest()
        return NUMBERS[int.from_bytes(digest[:8], "big") % len(NUMBERS)]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Review":
        """A review as the table keeps it."""
        texts = ("object", "version", "bucket", "key", "media", "status", "updated_at", "quarantined", "version_id")
        said = {name: str(item.get(name, "")) for name in (*texts, "decided_by", "decided_at", "note")}
        reasons = (str(item[name]) for name in ("reason", "kept", "tagging") if item.get(name))
        labels = tuple(Named(str(one["name"]), float(one["confidence"])) for one in item.get("labels", ()))
        return cls(**said, labels=labels, reason="; ".join(reasons))

    @property
    def summary(self) -> str:
        """Why it was flagged, in one line."""
        return ", ".join(f"{label.name} {label.confidence:.1f}" for label in self.labels)


@dataclass(frozen=True, slots=True)
class Reviews:
    """The reviews of one stage."""

    results: Results

    def listed(self, statuses: Iterable[str]) -> Iterator[Review]:
        """Those of some statuses, the most certainly bad first within each."""
        for status in statuses:
            yield from map(Review.of, self.results.listed(f"review#{status}"))

    def find(self, wanted: str, statuses: Sequence[str]) -> Review:
        """The one that a number, a URI, a key or the end of a key means.

        Raises:
            UserError: where none is meant, or several are.
        """
        there = list(self.listed(statuses))
        found = meant(there, wanted)
        if len(found) == 1:
            return found[0]
        name = printable(wanted)
        if found:
            named = "; ".join(f"{one.number} {printable(one.object)}" for one in found[:SHOWN])
            more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            message = f"{name!r} may mean {len(found)} objects, so say a number: {named}{more}"
            raise UserError(message)
        kind = "pending review" if tuple(statuses) == (PENDING,) else "review"
        message = f"there is no {kind} of {name!r}; `mlstack vision review list` shows them"
        raise UserError(message)

    def pending(self, wanted: str) -> Review:
        """The one that waits for a decision and is meant; raise UserError as ``find``, or where it is decided."""
        try:
            return self.find(wanted, (PENDING,))
        except UserError:
            if meant(list(self.listed((PENDING,))), wanted):
                raise  # several are meant
            decided = meant(list(self.listed(DECIDED)), wanted)
            if not decided:
                raise
        one = max(decided, key=lambda review: review.decided_at or review.updated_at)
        when = (one.decided_at or one.updated_at)[:19].replace("T", " ")
        by = f" by {one.decided_by}" if one.decided_by else ""
        message = f"{one.number} was {one.status} at {when}{by}; a decision is final"
        raise UserError(message)

    def token(self, review: Review) -> str:
        """What answers the question; raise UserError where the review waits for no answer any more."""
        key = {"object": {"S": review.object}, "entry": {"S": f"{review.version}#review"}}
        answer = self.results.dynamodb.get_item(TableName=self.results.table, Key=key, ConsistentRead=True)
        item = answer.get("Item", {})
        if "token" in item and item.get("status", {}).get("S") == PENDING:
            return item["token"]["S"]
        status = item.get("status", {}).get("S", "gone")
        message = f"review {review.number} waits for no decision any more: it is {status}"
        raise UserError(message)


def meant(there: Sequence[Review], wanted: str) -> list[Review]:
    """The reviews that a person may mean: by number, by their whole name, and only then by the end of the key."""
    exact = [one for one in there if wanted in {str(one.number), one.object, one.key}]
    return exact or [one for one in there if wanted and one.key.endswith(f"/{wanted}")]
