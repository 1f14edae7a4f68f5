"""Keeps the calls of one API under a rate, over all concurrent functions and without a server.

Every call takes the next free slot of its API from one DynamoDB item and waits for it: slots lie 1/rate apart, so that
no second holds more calls than the rate (the generic cell rate algorithm without burst). A slot costs one or two
writes, $0.6 to $1.3 a million calls. Clocks that differ by milliseconds decide nothing: the rate is kept by the item,
and the clock only says how long to wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HEADROOM = 0.95
"""The share of the rate that is used: answers that arrive a little unevenly must not crowd a second."""
TRIES = 50
"""Each lost try means that another function took a slot; the writes of one item are in order."""


class Free(Enum):
    """Where the next free slot of an API lies."""

    AHEAD = auto()
    """In the future, and soon enough."""
    PAST = auto()
    """Nobody called for a while: the present will do."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The slots of every API of a stage."""

    table: "Table"

    def slot(self, api: str, *, per_second: float, now: float, latest: float) -> float | None:
        """When the caller may call, in seconds since the epoch; None, and nothing taken, if that is after ``latest``.

        Errors of DynamoDB pass through; one that hides a slot taken wastes that slot and nothing else.
        """
        if now > latest:
            return None  # else the present would do for an API that nobody called for a while
        interval = Decimal(str(round(1 / (per_second * HEADROOM), 6)))
        present, end = Decimal(str(round(now, 6))), Decimal(str(round(latest, 6)))
        for turn in range(TRIES):
            guess = Free.AHEAD if turn % 2 == 0 else Free.PAST
            taken = self._take(api, guess, interval, present, end)
            if isinstance(taken, Decimal):
                return float(taken)
            if taken:
                return None
        return None

    def pause(self, api: str, *, until: float) -> None:
        """AWS refused a call for its rate: let nobody call before ``until``."""
        later = Decimal(str(round(until, 6)))
        try:
            self.table.update_item(
                Key={"api": api},
                UpdateExpression="SET next_slot = :later",
                ConditionExpression="attribute_not_exists(api) OR next_slot < :later",
                ExpressionAttributeValues={":later": later},
            )
        except self.table.meta.client.exceptions.ConditionalCheckFailedException:
            return  # the next slot lies later already

    def _take(self, api: str, guess: Free, interval: Decimal, now: Decimal, latest: Decimal) -> Decimal | bool:
        """The slot; or whether the next one lies too late."""
        ahead = guess is Free.AHEAD
        try:
            answer = self.table.update_item(
                Key={"api": api},
                UpdateExpression="SET next_slot = next_slot + :interval" if ahead else "SET next_slot = :after",
                ConditionExpression="next_slot >= :now AND next_slot <= :latest"
                if ahead
                else "attribute_not_exists(api) OR next_slot < :now",
                ExpressionAttributeValues={":interval": interval, ":now": now, ":latest": latest}
                if ahead
                else {":after": now + interval, ":now": now},
                ReturnValues="UPDATED_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.table.meta.client.exceptions.ConditionalCheckFailedException as error:
            response: Mapping[str, Any] = error.response  # with the item in DynamoDB's own notation
            told = response.get("Item", {}).get("next_slot", {}).get("N")
            return told is not None and Decimal(told) > latest
        taken = answer["Attributes"]["next_slot"]
        return Decimal(str(taken)) - interval
