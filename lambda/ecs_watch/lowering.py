"""Lets the groups ask for no instance where no task waits for one any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from ecs_watch import groups, providers, tasks
from ecs_watch.demand import Group, judge_group
from ecs_watch.judging import Verdict
from ecs_watch.line import LEAVE, Line, line
from ecs_watch.settings import Settings
from ecs_watch.sight import Sight
from shared import clients
from shared.fault import reason_of

LOWER = "lower"


def lower_groups(told: Settings) -> tuple[list[Line], tuple[str, ...]]:
    """Judge every group that asks for instances and has none; look once more, for a task may just have come.

    Says of each what was found and done, and what could not be seen.
    """
    seen = _look(told.groups, told)
    judged = [(one, seen.verdict(one)) for one in seen.groups.things if one.unanswered]
    lines = [_line(one, verdict) for one, verdict in judged if not verdict.ends]
    again = _look([one.name for one, verdict in judged if verdict.ends], told)
    lines += [_lowered(one, again.verdict(one)) for one in again.groups.things]
    return lines, seen.troubles + again.troubles


@dataclass(frozen=True, slots=True)
class _Demand:
    """What groups ask for, and tasks wait for, as it was seen at one time."""

    groups: Sight[Group]
    awaited: Sight[str]

    @property
    def troubles(self) -> tuple[str, ...]:
        """Why not all was seen."""
        return self.groups.troubles + self.awaited.troubles

    def verdict(self, group: Group) -> Verdict:
        """Whether a group asks for too much."""
        return judge_group(group, self.awaited.things if self.awaited.whole else None)


def _look(names: Sequence[str], told: Settings) -> _Demand:
    """At the groups first, so that a task that comes meanwhile is seen; at tasks only where they are of interest."""
    ecs, found = clients.ecs(), groups.found(clients.autoscaling(), names)
    if not any(one.unanswered for one in found.things):
        return _Demand(found, Sight())
    return _Demand(found, providers.awaited(ecs, tasks.running(ecs, told.cluster)))


def _lowered(group: Group, verdict: Verdict) -> Line:
    if not verdict.ends:
        return _line(group, verdict)
    try:
        groups.lower(clients.autoscaling(), group)
    except (BotoCoreError, ClientError) as refusal:
        return _line(group, verdict, error=reason_of(refusal))
    return _line(group, verdict, LOWER)


def _line(group: Group, verdict: Verdict, action: str = LEAVE, error: str | None = None) -> Line:
    return line({"group": group.name}, action, verdict.reason, error, ends=verdict.ends)
