"""The item of a review in the results table: who works on it, what was done, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError

from moderation_review.flagged import Flagged
from shared.change import Change

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

WORKING, PENDING, RELEASING = "working", "pending", "releasing"
APPROVED, REJECTED, EXPIRED, FAILED, UNASKED = "approved", "rejected", "expired", "failed", "unasked"
BEFORE: Mapping[str, tuple[str, ...]] = {
    WORKING: (WORKING,),
    PENDING: (WORKING, PENDING),
    RELEASING: (WORKING, PENDING, RELEASING, APPROVED),
    APPROVED: (RELEASING, APPROVED),
    REJECTED: (WORKING, PENDING, REJECTED),
    EXPIRED: (WORKING, PENDING, EXPIRED),
    UNASKED: (WORKING, UNASKED),
    FAILED: (WORKING, PENDING, RELEASING, FAILED),
}
"""From which status each may come, itself included: a step may be done twice, and its straggler may come late."""
LONGEST_WORK = timedelta(hours=1)
"""A step lasts a quarter of that at most, and each attempt says that it has begun."""
DECIDED = {"decision": "decision", "decided_by": "by", "decided_at": "at", "note": "note"}
"""What the item keeps of a decision, and what the decision calls it."""
LONGEST_REASON = 1000
Item = Mapping[str, Any]


class TakenOverError(Exception):
    """The review has gone on without this step, or another execution has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviews:
    """The review of one flagged object version, as one execution of the state machine may change it."""

    table: "Table"
    flagged: Flagged
    execution: str
    keep: timedelta | None
    now: datetime

    def known(self) -> dict[str, Item]:
        """Every review of the object's versions, by version, as it is now."""
        found: dict[str, Item] = {}
        query: dict[str, Any] = {
            "KeyConditionExpression": Key("object").eq(self.flagged.thing.uri),
            "FilterExpression": Attr("kind").eq("review"),
            "ConsistentRead": True,
        }
        while True:
            page = self.table.query(**query)
            found |= {str(item["version"]): item for item in page["Items"]}
            if "LastEvaluatedKey" not in page:
                return found
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def claim(self) -> str | None:
        """Take the review, where nobody has it, or who had it failed or fell silent; else the status that it has."""
        given = {"status": WORKING, "execution": self.execution, **self._described(), **self._dated()}
        change = Change(given).remove("finding", "rank", "token", "reason", "tagging", *DECIDED)
        abandoned = Attr("status").eq(WORKING) & Attr("updated_at").lt(_written(self.now - LONGEST_WORK))
        mine = Attr("object").not_exists() | self._mine(WORKING) | Attr("status").eq(FAILED) | abandoned
        try:
            change.apply(self.table, self._place(), mine)
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            return _status(error)
        return None

    def note(self, **facts: object) -> None:
        """Write down what was done."""
        self._change(Change(facts), WORKING)

    def ask(self, token: str) -> None:
        """List the review as one that waits for a person, who answers with the token."""
        self._change(Change({"token": token, **self._listed(PENDING), **self._dated()}), PENDING)

    def begin(self, decision: Mapping[str, Any]) -> None:
        """Write down a decision before it is acted upon; the review waits for nobody any more."""
        given = {"status": RELEASING, **_decided(decision), **self._dated()}
        self._change(Change(given).remove("token", "finding", "rank"), RELEASING)

    def settle(self, status: str, decision: Mapping[str, Any] = MappingProxyType({}), /, **facts: object) -> None:
        """Write down how the review ended; a fact that is None is taken away."""
        given = {name: fact for name, fact in facts.items() if fact is not None}
        gone = facts.keys() - given.keys()
        given |= {**self._listed(status), **_decided(decision), **self._dated()}
        self._change(Change(given).remove("token", *gone), status)

    def approve(self, version: str) -> None:
        """Remember that what release wrote was approved, so that nobody is asked about it again.

        A tag could not say so: whoever may tag an object could approve it.
        """
        if version == self.flagged.thing.version:
            return
        item = {**self._described(), "object": self.flagged.thing.uri, "entry": f"{version}#review"}
        item |= {"version": version, "status": APPROVED, "released_from": self.flagged.thing.version}
        item.pop("version_id", None)
        self.table.put_item(Item=item | self._dated())

    def fail(self, reason: str) -> None:
        """Write down why the review could not be carried out, unless it has ended or another execution has it."""
        given = {**self._described(), **self._listed(FAILED), "reason": reason[:LONGEST_REASON], **self._dated()}
        change = Change(given | {"execution": self.execution}).remove("token")
        try:
            change.apply(self.table, self._place(), Attr("object").not_exists() | self._mine(FAILED))
        except self.table.meta.client.exceptions.ConditionalCheckFailedException:
            return

    def _change(self, change: Change, status: str) -> None:
        """Change the item, where that may lead to ``status`` and this execution has it."""
        try:
            change.apply(self.table, self._place(), self._mine(status))
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            message = f"the review of {self.flagged.thing.uri} has gone on, or another execution has it"
            raise TakenOverError(message) from error

    def _mine(self, status: str) -> ConditionBase:
        return Attr("execution").eq(self.execution) & Attr("status").is_in(list(BEFORE[status]))

    def _described(self) -> dict[str, Any]:
        thing = self.flagged.thing
        labels = [{"name": name, "confidence": confidence} for name, confidence in self.flagged.labels]
        place = {"bucket": thing.bucket, "key": thing.key, "version": thing.version}
        version = {"version_id": thing.version_id} if thing.version_id else {}
        return {"kind": "review", "media": self.flagged.media, "labels": labels, **place, **version}

    def _listed(self, status: str) -> dict[str, Any]:
        """The status, and where the index lists it: by the highest confidence."""
        return {"status": status, "finding": f"review#{status}", "rank": self.flagged.labels[0][1]}

    def _dated(self) -> dict[str, Any]:
        written: dict[str, Any] = {"updated_at": _written(self.now)}
        return written | ({"expires_at": int((self.now + self.keep).timestamp())} if self.keep else {})

    def _place(self) -> dict[str, str]:
        return {"object": self.flagged.thing.uri, "entry": f"{self.flagged.thing.version}#review"}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _decided(decision: Mapping[str, Any]) -> dict[str, str]:
    """Who decided what, in the item's words."""
    return {name: str(decision[part])[:LONGEST_REASON] for name, part in DECIDED.items() if decision.get(part)}


def _status(error: ClientError) -> str:
    """The status of the item that stood in the way; this exception carries it in DynamoDB's own notation."""
    response: Mapping[str, Any] = error.response
    status: str = response.get("Item", {}).get("status", {}).get("S", WORKING)
    return status
