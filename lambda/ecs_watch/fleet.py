"""The instances of a cluster's groups, with what the cluster knows of each."""

from dataclasses import dataclass
from datetime import datetime

from ecs_watch import machines, tasks
from ecs_watch.judging import Machine, Note, Registration, Task, Verdict, judge_machine, note
from ecs_watch.registrations import registered
from ecs_watch.settings import Settings
from ecs_watch.sight import Sight
from shared import clients


@dataclass(frozen=True, slots=True)
class Fleet:
    """As it was seen at one time."""

    machines: Sight[Machine]
    registrations: Sight[Registration]
    tasks: Sight[Task]

    @property
    def troubles(self) -> tuple[str, ...]:
        """Why not all was seen."""
        return self.machines.troubles + self.registrations.troubles + self.tasks.troubles

    def known(self, machine: Machine) -> list[Registration] | None:
        """What the cluster knows of an instance; None where nobody could see that it does not hear of it."""
        own = [one for one in self.registrations.things if one.instance == machine.id]
        return own if self.registrations.whole or any(one.connected for one in own) else None

    def verdict(self, machine: Machine, now: datetime) -> Verdict:
        """Whether an instance is ended."""
        whole = list(self.tasks.things) if self.tasks.whole else None
        return judge_machine(machine, self.known(machine), whole, now)

    def note(self, machine: Machine, now: datetime) -> Note:
        """What is written on an instance."""
        return note(machine, self.known(machine), now)


def fleet(settings: Settings) -> Fleet:
    """Look now: at the instances first, so that what registers or gets a task meanwhile is seen."""
    ecs, cluster = clients.ecs(), settings.cluster
    found = machines.running(clients.ec2(), settings.groups)
    if not found.things:
        return Fleet(found, Sight(), Sight())
    return Fleet(found, registered(ecs, cluster), tasks.running(ecs, cluster) + tasks.ending(ecs, cluster))
