"""CreationPolicy: a resource counts as made when it has been signalled so; moto has no SignalResource.

The operation waits in its own request's thread, so that the server goes on answering: the machine that is to signal
asks for its settings meanwhile.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Literal

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from mlstack.local.cloudformation.failure import FinalError

Verdict = Literal["SUCCESS", "FAILURE"]
VERDICTS: tuple[Verdict, ...] = ("SUCCESS", "FAILURE")
Tell = Callable[[str], None]
"""Called with the words of each signal's event."""
TIMEOUT = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
LONGEST_S = 12 * 3600
LOOK_S = 60.0
"""How long a wait sleeps at most before it looks at the clock again."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How many signals of success a resource needs, and within which time."""

    count: int
    timeout_s: int

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Policy | None":
        """The policy of a template's resource; raise FinalError for one that CloudFormation refuses."""
        said = body.get("CreationPolicy", {}).get("ResourceSignal")
        if said is None:
            return None
        count, timeout = str(said.get("Count", 1)), str(said.get("Timeout", "PT5M"))
        found = TIMEOUT.fullmatch(timeout)
        hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, LONGEST_S + 1)
        timeout_s = hours * 3600 + minutes * 60 + seconds
        if not count.isdecimal() or timeout_s > LONGEST_S:
            message = f"Invalid CreationPolicy: Count {count}, Timeout {timeout} (PT#H#M#S, at most 12 hours)"
            raise FinalError(message)
        return cls(int(count), timeout_s)


@dataclass(slots=True)
class Room:
    """Where one resource waits for its signals."""

    policy: Policy
    changed: Condition = field(default_factory=Condition)
    signals: dict[str, Verdict] = field(default_factory=dict)
    """By the sender's id, in the order of their arrival; a sender's second word counts for nothing."""
    abandoned: bool = False

    def signal(self, sender: str, verdict: Verdict) -> None:
        """Take a signal."""
        with self.changed:
            self.signals.setdefault(sender, verdict)
            self.changed.notify_all()

    def abandon(self) -> None:
        """Wait no longer: the stack is being deleted."""
        with self.changed:
            self.abandoned = True
            self.changed.notify_all()

    def wait(self, tell: Tell, now: Callable[[], float] = time.monotonic) -> None:
        """Return when enough succeeded; raise FinalError when one failed, or time is over."""
        deadline, told = now() + self.policy.timeout_s, 0
        while True:
            with self.changed:
                if len(self.signals) == told and not self.abandoned and now() < deadline:
                    self.changed.wait(min(deadline - now(), LOOK_S))
                heard, abandoned = list(self.signals.items()), self.abandoned
            for sender, verdict in heard[told:]:
                tell(f"Received {verdict} signal with UniqueId {sender}")
            told = len(heard)
            problem = trouble(self.policy, dict(heard), late=now() >= deadline, abandoned=abandoned)
            if problem:
                raise FinalError(problem)
            if enough(self.policy, dict(heard)):
                return


def enough(policy: Policy, heard: Mapping[str, Verdict]) -> bool:
    """Whether the resource is made."""
    return sum(verdict == "SUCCESS" for verdict in heard.values()) >= policy.count


def trouble(policy: Policy, heard: Mapping[str, Verdict], *, late: bool, abandoned: bool) -> str | None:
    """Why the resource is not made and will not be, in CloudFormation's words."""
    failures = sum(verdict == "FAILURE" for verdict in heard.values())
    if failures:
        return (
            f"Received {failures} FAILURE signal(s) out of {policy.count}. "
            "Unable to satisfy 100% MinSuccessfulInstancesPercent requirement"
        )
    if enough(policy, heard):
        return None
    if abandoned:
        return "Resource creation cancelled"
    missing = policy.count - len(heard)
    return f"Failed to receive {missing} resource signal(s) within the specified duration" if late else None


_rooms: dict[tuple[str, str], Room] = {}
"""By the stack's id and the resource's logical id."""
_abandoned: set[str] = set()
"""The ids of the stacks that are being deleted."""


@contextmanager
def expected(stack_id: str, logical_id: str, body: Mapping[str, Any]) -> Iterator[Room | None]:
    """A room that is open from before the resource is made, because its machine may be fast; none without a policy."""
    policy = Policy.read(body)
    if policy is None or policy.count == 0:
        yield None
        return
    key = (stack_id, logical_id)
    _rooms[key] = Room(policy, abandoned=stack_id in _abandoned)
    try:
        yield _rooms[key]
    finally:
        del _rooms[key]


@contextmanager
def abandoned(stack_id: str) -> Iterator[None]:
    """Let nothing of a stack wait any longer: what waits, and what would have come after it."""
    _abandoned.add(stack_id)
    for (stack, _), room in list(_rooms.items()):
        if stack == stack_id:
            room.abandon()
    try:
        yield
    finally:
        _abandoned.discard(stack_id)


def mend() -> None:
    """Teach moto the operation."""
    if hasattr(CloudFormationResponse, "signal_resource"):
        message = "moto has SignalResource now; look whether the local AWS still needs its own"
        raise RuntimeError(message)
    vars_of_response: Any = CloudFormationResponse
    vars_of_response.signal_resource = _signal_resource


def _signal_resource(self: CloudFormationResponse) -> ActionResult:
    asked = {
        name: str(self._get_param(name) or "") for name in ("StackName", "LogicalResourceId", "UniqueId", "Status")
    }
    stack = self.cloudformation_backend.get_stack(asked["StackName"])
    logical_id, verdict = asked["LogicalResourceId"], next((one for one in VERDICTS if one == asked["Status"]), None)
    if verdict is None or not asked["UniqueId"]:
        message = "1 validation error detected: a signal has a UniqueId, and a Status of SUCCESS or FAILURE"
        raise ValidationError(message=message)
    room = _rooms.get((stack.stack_id, logical_id))
    if room is None:
        raise ValidationError(message=_refusal(stack, logical_id))
    room.signal(asked["UniqueId"], verdict)
    return EmptyResult()


def _refusal(stack: Stack, logical_id: str) -> str:
    states = [event.resource_status for event in stack.events if event.logical_resource_id == logical_id]
    if not states:
        return f"Resource {logical_id} does not exist for stack {stack.name}"
    return f"Resource {logical_id} is in {states[-1]} state and cannot be signaled"
