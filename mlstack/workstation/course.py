"""What to do next to get a workstation running, or ended: decided by how its machine is alone."""

from collections.abc import Callable
from dataclasses import dataclass

from mlstack.errors import UserError
from mlstack.journey import Move
from mlstack.workstation.machine import PENDING, RUNNING, STOPPED, Machine
from mlstack.workstation.refusals import mended
from mlstack.workstation.spot import SpotRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A machine, whether Session Manager reaches it, and what its Spot request waits for."""

    machine: Machine
    reachable: bool = True
    request: SpotRequest | None = None
    """The Spot request that its start waits for, where it was asked for."""

    @property
    def status(self) -> str:
        """What a person reads."""
        state = self.machine.state
        if self.request and self.request.status:
            return f"{state}, and its Spot request says {self.request.status}"
        return state if self.reachable or state != RUNNING else "running, and not heard of by Session Manager"


class StoppedAgainError(UserError):
    """It stopped while it was starting, which may have a reason that passes."""


def to_running(now: Seen, before: Seen | None) -> Move:
    """The next move towards a machine that can be logged in to.

    ``before`` is how it was when its start was asked for, None where that has not happened.

    Raises:
        UserError: where it will not run: it is gone, AWS has no room for it, or something stopped it meanwhile.
    """
    if now.machine.is_gone:
        message = (
            f"it was terminated: {now.machine.reason or 'AWS gives no reason'}; raise its `edition` in the stage's "
            "profile and deploy it: that makes a new one, with a new disk"
        )
        raise UserError(message)
    if now.machine.state == RUNNING:
        return Move.DONE if now.reachable else Move.WAIT
    if now.machine.state != STOPPED:
        return Move.WAIT
    if before is None:
        return Move.ASK
    if now.machine == before.machine:  # EC2 has not taken note of the start yet
        return Move.WAIT
    known = mended(now.machine.reason_code.removeprefix("Server."), now.machine)
    if known:
        raise UserError(known)
    message = f"it stopped again while it was starting: {now.machine.reason or 'AWS gives no reason'}"
    raise StoppedAgainError(message)


def to_stopped(now: Seen, before: Seen | None) -> Move:
    """The next move towards a machine that does not run; ``before`` is how it was when its end was asked for."""
    if now.machine.state == STOPPED or now.machine.is_gone:
        return Move.DONE
    return Move.ASK if now.machine.state in {PENDING, RUNNING} and before is None else Move.WAIT


class Restart:
    """The course to a running machine that starts it once again where the alarm's late stop hit the fresh start."""

    def __init__(self, hit_by_alarm: Callable[[Machine], bool], tell: Callable[[], None]) -> None:
        self._hit_by_alarm = hit_by_alarm
        self._tell = tell
        self._forgiven: Machine | None = None

    def __call__(self, now: Seen, before: Seen | None) -> Move:
        """As to_running."""
        try:
            return to_running(now, before)
        except StoppedAgainError:
            if self._forgiven is None and self._hit_by_alarm(now.machine):
                self._forgiven = now.machine
                self._tell()
            if now.machine != self._forgiven:
                raise
        return Move.ASK
