"""`mlstack service status`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from mlstack import target as targets
from mlstack.clock import iso, moment, span
from mlstack.console import err, grid, out
from mlstack.ecs.service import bedtime
from mlstack.ecs.service.condition import Condition
from mlstack.ecs.service.failed_task import FailedTask, StoppedTasks, latest, with_word
from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.service.service import Service
from mlstack.ecs.service.tasks import ASLEEP
from mlstack.ecs.trouble import explained
from mlstack.target import Target
from mlstack.text import counted, printable
from mlstack.training.launch import clock, write
from mlstack.training.listing import Column, listing

MOST = 100
"""Tasks that ECS describes at once; no more are shown."""
COLUMNS = (Column("task", 0), Column("is", 0), Column("health", 1), Column("age", 1), Column("on", 1))
RUNNING = "RUNNING"


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One task of a service."""

    id: str
    status: str
    health: str
    since: datetime | None
    provider: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read what ECS says of it."""
        since = told.get("startedAt") or told.get("createdAt")
        return cls(
            id=told["taskArn"].rpartition("/")[2],
            status=str(told.get("lastStatus") or ""),
            health=str(told.get("healthStatus") or ""),
            since=since.astimezone(UTC) if since else None,
            provider=str(told.get("capacityProviderName") or told.get("launchType") or ""),
        )

    def row(self, now: datetime) -> tuple[str, ...]:
        """For people."""
        age = span(now - self.since) if self.since else ""
        return self.id, self.status.casefold(), self.health.casefold(), age, self.provider

    def machine(self) -> dict[str, Any]:
        """For machines."""
        return {
            "task": self.id,
            "status": self.status,
            "health": self.health or None,
            "since": iso(self.since),
            "on": self.provider or None,
        }


@click.command(short_help="Show how one service is, and why")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@targets.options
@explained
def status(name: str, target: Target, *, as_json: bool) -> None:
    """Show how the service NAME is: its tasks, what waits, when it sleeps next, and where its logs are.

    Example: mlstack service status sorter
    """
    service, now = Fleet.find(target).pick(name), clock()
    found = Condition.look(service)
    tasks, faults = _tasks(service)
    failed, blind = _failed(found)
    faults += [one for one in blind if one not in faults]
    sleeps = bedtime.told(found, now)
    if as_json:
        events = [
            {"at": iso(one.at.astimezone(UTC)), "message": one.message}
            for one in (found.tasks and found.tasks.events) or ()
        ]
        told = {
            "sleeps": sleeps or None,
            "last_task_failed": failed.machine() if failed else None,
            "tasks": [one.machine() for one in tasks],
            "events": events,
        }
        write({**found.machine(), **told, "faults": [*found.faults, *faults]})
    else:
        _show(found, tasks, found.rows(sleeps, failed.row if failed else ""), now)
    for fault in (*found.faults, *faults):
        err.print(f"not all of it can be seen: {fault}", markup=False)
    for line in _next(found, failed):
        err.print(line, markup=False)


def _show(found: Condition, tasks: list[Task], facts: list[tuple[str, str]], now: datetime) -> None:
    rows = grid(escape(f"Service {found.service.name}, {found.service.target.shown}"))
    rows.add_column("what", no_wrap=True)
    rows.add_column("now", overflow="fold")
    for what, value in facts:
        rows.add_row(what, escape(printable(value)))
    out.print(rows)
    if tasks:
        out.print(listing("Tasks", COLUMNS, [one.row(now) for one in tasks]))
    events = found.tasks.events if found.tasks else ()
    if events:
        shown = [(moment(one.at), one.message) for one in events]
        out.print(listing("Last events", (Column("at", 0), Column("event", 1)), shown))


def _next(found: Condition, failed: FailedTask | None) -> Iterator[str]:
    """The commands that a person may want now."""
    service, waiting = found.service, found.letters.all if found.letters else 0
    if found.dead and found.dead.all:
        yield f"{counted(found.dead.all, 'dead letter')}: `{service.command('redrive')}` shows them"
    if failed:
        yield f"{service.name} does not start: {failed.mends(service)}"
    if failed and waiting:
        yield f"until then what waits starts it again and again; `{service.command('discard')}` drops it"
    elif found.state == ASLEEP and waiting:
        wait = "1 request waits" if waiting == 1 else f"{waiting:,} requests wait"
        yield f"{wait} for it: it wakes within a minute or two ({service.awake_price})"
    elif found.state == ASLEEP and not failed:
        yield f"next: `{service.command('predict', 'PHOTO.jpg')}` wakes it, which takes minutes ({service.awake_price})"


def _failed(found: Condition) -> tuple[FailedTask | None, list[str]]:
    """Why the last task failed of one that has too few; none where nothing is wrong, or nobody can say."""
    if not found.is_short:
        return None, []
    try:
        failed = latest(StoppedTasks(found.service).news())
    except (BotoCoreError, ClientError) as error:
        return None, [printable(" ".join(str(error).split()))]
    return with_word(found.service, failed) if failed else None, []


def _tasks(service: Service) -> tuple[list[Task], list[str]]:
    """Its tasks, the oldest first; none, and why, where ECS does not say."""
    ecs = service.target.account.client("ecs")
    try:
        arns = ecs.list_tasks(cluster=service.cluster, serviceName=service.service, maxResults=MOST)["taskArns"]
        told = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"] if arns else []
    except (BotoCoreError, ClientError) as error:
        return [], [printable(" ".join(str(error).split()))]
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(map(Task.read, told), key=lambda one: one.since or latest), []
