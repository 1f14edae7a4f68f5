"""The table with one item per object version: who works on it, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from image_labels.photo import Photo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_rekognition.type_defs import LabelTypeDef

WORKING, LABELLED, REFUSED, FAILED = "working", "labelled", "refused", "failed"
LONGEST_REASON = 1000


class Claim(Enum):
    """The answer to "may I work on this object version?"."""

    TAKEN = auto()
    """Yes, until the lease ends."""
    DONE = auto()
    """No need: it is labelled or refused, and that is final."""
    BUSY = auto()
    """Another delivery of the same event works on it now."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Writes every step so that a repeated or concurrent delivery finds what was done before it."""

    table: "Table"

    def claim(self, photo: Photo, *, now: datetime, until: datetime) -> Claim:
        """Take the object version until ``until``, unless it is done or another delivery holds it."""
        free = (
            Attr("object").not_exists()
            | Attr("status").eq(FAILED)
            | (Attr("status").eq(WORKING) & Attr("lease_until").lt(Decimal(str(now.timestamp()))))
        )
        item = _item(photo, WORKING, now) | {"lease_until": Decimal(str(until.timestamp()))}
        try:
            self.table.put_item(Item=item, ConditionExpression=free, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            return Claim.BUSY if _status(error) == WORKING else Claim.DONE
        return Claim.TAKEN

    def labelled(
        self, photo: Photo, *, now: datetime, labels: Sequence["LabelTypeDef"], found: Mapping[str, Any]
    ) -> None:
        """Record the labels, best first, and what else was ``found`` out about the image."""
        short = [
            {"name": label["Name"], "confidence": Decimal(f"{label['Confidence']:.2f}")}
            for label in sorted(labels, key=lambda label: -label["Confidence"])
        ]
        self.table.put_item(Item=_item(photo, LABELLED, now) | {"labels": short, **found})

    def refused(self, photo: Photo, *, now: datetime, reason: str) -> None:
        """Record for good why the image cannot be labelled."""
        self.table.put_item(Item=_item(photo, REFUSED, now) | {"reason": reason[:LONGEST_REASON]})

    def failed(self, photo: Photo, *, now: datetime, reason: str) -> None:
        """Record why the image could not be labelled yet; a later delivery may try again."""
        self.table.put_item(Item=_item(photo, FAILED, now) | {"reason": reason[:LONGEST_REASON]})


def _item(photo: Photo, status: str, now: datetime) -> dict[str, Any]:
    return {
        "object": photo.uri,
        "version": photo.version,
        "status": status,
        "bytes": photo.size,
        "updated_at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
    }


def _status(error: ClientError) -> str:
    """The status of the item that stood in the way, which this exception carries in DynamoDB's own notation."""
    response: Mapping[str, Any] = error.response
    status: str = response.get("Item", {}).get("status", {}).get("S", WORKING)
    return status
