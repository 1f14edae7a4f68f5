"""What a cluster must be rid of. Functions of what AWS says, the settings and the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ecs_watch.settings import Settings

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATE = 60 * MINUTE
"""How much longer than its hours a task may be there: it may have waited half of one for its instance, then ends by
itself when its hours are over, or by its workflow. This is for what nobody else ends."""
PLACE = 12 * MINUTE
"""How long a task may wait for an instance. ECS itself gives up after 10 to 30 minutes, and nobody can set that."""
REGISTER = 15 * MINUTE
"""How long an instance may take from its launch until the cluster knows it."""
SILENT = 15 * MINUTE
"""How long an agent may be disconnected: it is so for seconds at a time, several times an hour."""
IDLE = 5 * MINUTE
"""How long an instance may have no task. The look comes every five minutes, so it is ten at most: ECS's own managed
scaling takes an instance away after 15 minutes, the oldest, although a task may run on that one and not on another."""
STUCK = 10 * MINUTE
"""How long a task that was stopped may take to end."""
SERVICE, FARGATE = "service:", "FARGATE"
PROVISIONING, PENDING, STOPPED = "PROVISIONING", "PENDING", "STOPPED"
NO_CAPACITY = "mlstack: no capacity"
"""The training workflow goes by it: it tries again, or tries the other market."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One that was seen."""

    arn: str
    family: str
    group: str
    status: str
    since: datetime | None
    """When it was asked for, which is before it runs."""
    provider: str = ""
    host: str = ""
    """The container instance; none before it has a place, and on Fargate."""
    stopping: datetime | None = None
    stopped: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it needs an instance and has none."""
        return self.status == PROVISIONING and self._on_instances and not self.host

    @property
    def starts(self) -> bool:
        """Whether it waits for an instance, or has one and does not run on it yet."""
        return self.status in {PROVISIONING, PENDING} and self._on_instances

    @property
    def _on_instances(self) -> bool:
        return bool(self.provider) and not self.provider.startswith(FARGATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """An instance of one of the groups that runs, or is about to."""

    id: str
    group: str
    state: str
    since: datetime
    silent_since: datetime | None = None
    """When its agent was first found disconnected, as an earlier look has noted on it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """What the cluster knows of an instance."""

    arn: str
    instance: str
    connected: bool
    """Whether its agent is."""
    active: bool
    """Whether ECS may place tasks on it."""
    since: datetime | None
    tasks: int
    """That run on it, or are about to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is ended, and why or why not."""

    ends: bool
    reason: str


class Note(Enum):
    """What becomes of the note on an instance that its agent is silent."""

    KEEP = "keep"
    WRITE = "write"
    ERASE = "erase"


def is_of_service(task: Task) -> bool:
    """Whether a service looks after it: these run for as long as they are wanted."""
    return task.group.startswith(SERVICE)


def judge_task(task: Task, settings: Settings, now: datetime) -> Verdict:
    """End what is too old, or finds no place; leave the rest, and whatever belongs to a service."""
    if is_of_service(task):
        return Verdict(ends=False, reason=f"it belongs to {task.group}")
    if task.since is None:
        return Verdict(ends=False, reason="ECS does not say since when it is there")
    age, may = now - task.since, settings.longest
    if task.waits and age > PLACE:
        reason = f"{NO_CAPACITY}: {task.provider} had no place for it in {PLACE / MINUTE:.4g} min"
        return Verdict(ends=True, reason=reason)
    if age > may + LATE:
        what = "a training run" if settings.family and task.family == settings.family else "a task of no service"
        reason = f"mlstack: it has been there for {age / HOUR:.4g} h, and {what} may be for {may / HOUR:.4g} h"
        return Verdict(ends=True, reason=reason)
    return Verdict(ends=False, reason="it waits for a place" if task.waits else "it has time left")


def judge_machine(
    machine: Machine, registrations: Sequence[Registration] | None, tasks: Sequence[Task] | None, now: datetime
) -> Verdict:
    """End what the cluster does not know or hear of, or what has had no task for a while; leave what nobody could see.

    The registrations are those of this instance, and the tasks all of the cluster; None is for what was not seen whole.
    """
    if registrations is None:
        return Verdict(ends=False, reason="nobody can tell whether the cluster knows it")
    heard = [one for one in registrations if one.connected]
    if heard:
        return _judge_registered(machine, heard, tasks, now)
    if registrations:
        since = _noted(machine, now) or now
        reason = f"its agent is disconnected since {since:%Y-%m-%d %H:%M} UTC, or longer"
        return Verdict(ends=now - since >= SILENT, reason=reason)
    up = now - machine.since
    if up > REGISTER:
        return Verdict(ends=True, reason=f"it is up for {up / MINUTE:.4g} min, and the cluster does not know it")
    return Verdict(ends=False, reason=f"it has {REGISTER / MINUTE:.4g} min to register")


def note(machine: Machine, registrations: Sequence[Registration] | None, now: datetime) -> Note:
    """Whether to write down that an agent is disconnected: ECS does not say since when."""
    if registrations is None:
        return Note.KEEP
    silent = bool(registrations) and not any(one.connected for one in registrations)
    if silent:
        return Note.KEEP if _noted(machine, now) else Note.WRITE
    return Note.ERASE if machine.silent_since else Note.KEEP


def _noted(machine: Machine, now: datetime) -> datetime | None:
    """Since when an agent is silent; what lies ahead, or before the launch, is no time that a watch has written."""
    noted = machine.silent_since
    return noted if noted and machine.since <= noted <= now else None


def _judge_registered(
    machine: Machine, heard: Sequence[Registration], tasks: Sequence[Task] | None, now: datetime
) -> Verdict:
    """A task that was stopped and does not end counts for none after a while: it would keep the instance for ever."""
    if tasks is None:
        return Verdict(ends=False, reason="nobody can tell whether it has tasks")
    hosts = {one.arn for one in heard}
    mine = [one for one in tasks if one.host in hosts]
    living = [one for one in mine if one.status != STOPPED]
    stuck = [one.stopping for one in living if one.stopping and now - one.stopping > STUCK]
    if len(living) > len(stuck) or sum(one.tasks for one in heard) > len(stuck):
        return Verdict(ends=False, reason="it has tasks")
    began = [one.since for one in heard if one.since]
    ended = [one.stopped for one in mine if one.stopped]
    since = max([machine.since, *began, *ended, *stuck])
    reason = f"it has had no task since {since:%Y-%m-%d %H:%M} UTC"
    return Verdict(ends=now - since >= IDLE, reason=reason)
