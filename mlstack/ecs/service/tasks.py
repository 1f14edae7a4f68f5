"""The tasks of a service, as ECS counts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mlstack.ecs.service.service import Service
from mlstack.errors import UserError
from mlstack.text import printable

ASLEEP, WAKING, FALLING_ASLEEP, AWAKE, GONE = "asleep", "waking", "falling asleep", "awake", "gone"
ACTIVE = "ACTIVE"
EVENTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that ECS says of a service."""

    at: datetime
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tasks:
    """The tasks of a service, as ECS counts them."""

    status: str
    """ECS's own word for the service; empty where it knows none of that name."""
    desired: int = 0
    running: int = 0
    pending: int = 0
    failure: str = ""
    """Why its last deployment failed, if it did."""
    events: tuple[Event, ...] = ()
    """The newest first."""

    @classmethod
    def of(cls, ecs: Any, service: Service) -> Self:  # noqa: ANN401 - boto3's client
        """Ask ECS."""
        answer = ecs.describe_services(cluster=service.cluster, services=[service.service])
        found: Mapping[str, Any] = next(iter(answer.get("services", ())), {})
        failed = [one for one in found.get("deployments", ()) if one.get("rolloutState") == "FAILED"]
        return cls(
            status=str(found.get("status") or ""),
            desired=int(found.get("desiredCount") or 0),
            running=int(found.get("runningCount") or 0),
            pending=int(found.get("pendingCount") or 0),
            failure=_line(failed[0].get("rolloutStateReason") or "it gives no reason") if failed else "",
            events=tuple(
                Event(at=one["createdAt"], message=_line(one["message"])) for one in found.get("events", ())[:EVENTS]
            ),
        )

    @property
    def state(self) -> str:
        """How the service is, in a word or two."""
        if self.status != ACTIVE:
            return GONE
        if not self.running:
            asleep = FALLING_ASLEEP if self.pending else ASLEEP
            return WAKING if self.desired else asleep
        if not self.desired:
            return FALLING_ASLEEP
        of = "" if self.running == self.desired else f" of {self.desired}"
        return f"{AWAKE}, {self.running}{of} task{'' if (self.desired if of else self.running) == 1 else 's'}"


def existing(tasks: Tasks, service: Service) -> Tasks:
    """Raise UserError for a service that ECS does not have any more."""
    if tasks.state == GONE:
        message = (
            f"service {service.name} of {service.target.shown} is gone from cluster {service.cluster}, "
            "though the stage names it; deploy the stage again"
        )
        raise UserError(message)
    return tasks


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))
