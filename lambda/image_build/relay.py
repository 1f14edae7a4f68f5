"""Waits longer than an invocation may last: each hands over to the next, up to one deadline that all of them share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from image_build.progress import Progress
from shared.custom_resource import UnfulfilledError

FIELD = "Relay"
"""Where an event carries it; CloudFormation's own requests have no such field, and nobody's properties lie there."""
LONGEST = timedelta(minutes=55)
"""More than CodeBuild gives a build, queue and all; CloudFormation's hour has room for a function that begins late."""
FOR_THE_HANDOVER = timedelta(seconds=60)
"""A last call of AWS may hang for most of it."""
MOST = 4
"""So many handovers fit into the longest wait. AWS itself stops a function that calls itself after sixteen."""


class LostError(UnfulfilledError):
    """What was handed over is not what any invocation hands over."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One invocation's share: until when it waits, and whether nobody waits after it."""

    until: datetime
    is_last: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """The wait for one request: it begins with CloudFormation's event, or goes on as the one before says."""

    deadline: datetime
    handovers: int = 0
    progress: Progress = field(default_factory=Progress)

    @classmethod
    def read(cls, event: Mapping[str, Any], now: datetime) -> Self:
        """A new wait where the event is CloudFormation's own, else the one that it carries.

        Raises:
            LostError: where that cannot be read, or would be longer than any that begins now.
        """
        if FIELD not in event:
            return cls(deadline=now + LONGEST)
        try:
            return cls._carried(event[FIELD], now)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            message = "what the last invocation handed over cannot be read: deploy again, which goes on from there"
            raise LostError(message) from error

    def leg(self, until: datetime) -> Leg:
        """What there is to wait for an invocation that must be done at ``until``."""
        if self.deadline <= until or self.handovers >= MOST:
            return Leg(min(self.deadline, until), is_last=True)
        return Leg(until - FOR_THE_HANDOVER, is_last=False)

    def handed_over(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event for the next invocation: the same request, with what is known so far."""
        said = {"Deadline": self.deadline.isoformat(), "Handovers": self.handovers + 1, **self.progress.told()}
        return {**event, FIELD: said}

    @classmethod
    def _carried(cls, told: Mapping[str, Any], now: datetime) -> Self:
        deadline, handovers = datetime.fromisoformat(told["Deadline"]).astimezone(UTC), told["Handovers"]
        if type(handovers) is not int or handovers < 1 or deadline > now + LONGEST:
            message = "no relay"
            raise ValueError(message)
        return cls(deadline=deadline, handovers=handovers, progress=Progress.read(told))
