"""Ends the instances that the cluster does not know or hear of, and those that no task needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ecs_watch import machines
from ecs_watch.fleet import Fleet, fleet
from ecs_watch.judging import Machine, Registration
from ecs_watch.line import LEAVE, Line, line
from ecs_watch.registrations import ACTIVE, DRAINING, Status, set_status
from ecs_watch.settings import Settings
from shared import clients
from shared.fault import reason_of

TERMINATE = "terminate"


def terminate_machines(seen: Fleet, told: Settings, now: datetime) -> tuple[list[Line], tuple[str, ...]]:
    """Judge every instance; say of each what was found and done, and what could not be seen."""
    found = seen.machines.things
    rounds = [_Round(one, told, now) for one in found]
    for one in rounds:
        one.note(seen)
    doomed = [one for one in rounds if seen.verdict(one.machine, now).ends]
    lines = [one.line(seen.verdict(one.machine, now).reason) for one in rounds if one not in doomed]
    if not doomed:
        return lines, seen.troubles
    for one in doomed:
        one.drain(seen)
    again = fleet(told)
    return lines + [one.end(again) for one in doomed], seen.troubles + again.troubles


@dataclass(slots=True, eq=False)
class _Round:
    """What is done with one instance this time; what is refused of it hides no other."""

    machine: Machine
    told: Settings
    now: datetime
    errors: list[str] = field(default_factory=list)
    drained: Sequence[Registration] = ()
    """What took tasks until now."""

    def note(self, seen: Fleet) -> None:
        """Write down that its agent is silent, or is not any more."""
        self._try(lambda: machines.write(clients.ec2(), self.machine, seen.note(self.machine, self.now), self.now))

    def drain(self, seen: Fleet) -> None:
        """Let it get no more tasks, as far as it can get some: no other end is safe from a task that just comes."""
        active = [one for one in seen.known(self.machine) or () if one.connected and one.active]
        if active and self._set_status(active, DRAINING):
            self.drained = active

    def end(self, again: Fleet) -> Line:
        """Terminate it where it is still to end, and else let it get tasks again."""
        lives = next((one for one in again.machines.things if one.id == self.machine.id), None)
        if lives is None:
            gone = again.machines.whole
            return self.line("it has ended by itself" if gone else "nobody can tell whether it is still there")
        verdict = again.verdict(lives, self.now)
        if not verdict.ends:
            if self.drained:
                self._set_status(self.drained, ACTIVE)
            return self.line(verdict.reason)
        drained = {one.arn for one in self.drained}
        takes_tasks = any(one.connected and one.active and one.arn not in drained for one in again.known(lives) or ())
        if not takes_tasks and self._try(lambda: machines.terminate(clients.autoscaling(), lives)):
            return self.line(verdict.reason, TERMINATE)
        return self.line(verdict.reason, ends=True)

    def line(self, reason: str, action: str = LEAVE, *, ends: bool = False) -> Line:
        """What was found of it, and done with it."""
        about = {
            "instance": self.machine.id,
            "group": self.machine.group,
            "state": self.machine.state,
            "since": self.machine.since.isoformat(),
        }
        error = "; ".join(self.errors) or None
        return line(about, action, reason, error, ends=ends or action == TERMINATE)

    def _set_status(self, ones: Sequence[Registration], status: Status) -> bool:
        return self._try(lambda: set_status(clients.ecs(), self.told.cluster, ones, status))

    def _try(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (BotoCoreError, ClientError) as error:
            self.errors.append(reason_of(error))
            return False
        return True
