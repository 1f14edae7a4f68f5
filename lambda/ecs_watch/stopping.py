"""Stops the tasks that are too old, or find no place."""

from collections.abc import Iterator
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from ecs_watch import tasks
from ecs_watch.judging import Task, Verdict, is_of_service, judge_task
from ecs_watch.line import LEAVE, Line, line
from ecs_watch.settings import Settings
from ecs_watch.sight import Sight
from shared import clients
from shared.cluster import short
from shared.fault import reason_of


def stop_tasks(seen: Sight[Task], told: Settings, now: datetime) -> tuple[list[Line], tuple[str, ...]]:
    """Judge every task of no service; what is to end is looked at once more, for it may just have found its place.

    Says of each what was found and done, and what could not be seen.
    """
    judged = [(one, judge_task(one, told, now)) for one in seen.things if not is_of_service(one)]
    doomed = [one for one, verdict in judged if verdict.ends]
    again = tasks.again(clients.ecs(), told.cluster, doomed)
    lines = [_line(one, verdict) for one, verdict in judged if not verdict.ends]
    lines += _ended(again, told, now)
    return lines, seen.troubles + again.troubles


def _ended(again: Sight[Task], told: Settings, now: datetime) -> Iterator[Line]:
    for task in again.things:
        verdict = judge_task(task, told, now)
        action, error = LEAVE, None
        if verdict.ends:
            try:
                action = "stop" if tasks.stop(clients.ecs(), told.cluster, task, verdict.reason) else LEAVE
            except (BotoCoreError, ClientError) as refusal:
                error = reason_of(refusal)
        yield _line(task, verdict, action, error)


def _line(task: Task, verdict: Verdict, action: str = LEAVE, error: str | None = None) -> Line:
    if task.since is None:
        error = verdict.reason
    about = {
        "task": short(task.arn),
        "family": task.family,
        "state": task.status,
        "since": task.since.isoformat() if task.since else "",
    }
    return line(about, action, verdict.reason, error, ends=verdict.ends)
