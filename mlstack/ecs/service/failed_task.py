"""The tasks of a service that ended because something is wrong with them: which container, and in which words.

A service whose model is not there starts for ever while something waits for it, and ECS itself tells nobody why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.clock import iso, moment
from mlstack.ecs.last_words import last_lines, last_word
from mlstack.ecs.service.service import Service
from mlstack.text import printable

MOST = 100
"""Tasks that ECS describes at once."""
STOPPED = "STOPPED"
OWN_FAULTS = frozenset({"EssentialContainerExited", "TaskFailedToStart"})
"""ECS's codes of what ended by itself; what a person, a deploy, a scale-in or the end of Spot stopped is well."""
UNWELL = "health check"
"""What ECS's reason says of a task that it stopped because it never became well."""
KILLED = frozenset({137, 143})
"""The codes of containers that ended because their task did; only one that gives a reason may be its cause."""
MODEL = "model"
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedTask:
    """One of them."""

    id: str
    at: datetime
    reason: str
    """ECS's own words."""
    container: str = ""
    """The one that ended with something else than 0; empty where none did, as one whose image cannot be had."""
    exit_code: int | None = None
    word: str = ""
    """The last line of its log."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self | None:
        """Read what ECS says of a task; None where nothing is wrong with it."""
        reason = str(told.get("stoppedReason") or "")
        is_own = told.get("stopCode") in OWN_FAULTS or UNWELL in reason.casefold()
        if told.get("lastStatus") != STOPPED or not is_own:
            return None
        container = _cause(told.get("containers") or ())
        reasons = dict.fromkeys(" ".join(str(one).split()) for one in (reason, container.get("reason")) if one)
        return cls(
            id=told["taskArn"].rpartition("/")[2],
            at=_ended(told),
            reason=printable("; ".join(reasons)),
            container=printable(str(container.get("name") or "")) if container.get("exitCode") else "",
            exit_code=container.get("exitCode") or None,
        )

    @property
    def shown(self) -> str:
        """Why it ended, for people."""
        ended = f"its container {self.container} ended with {self.exit_code}" if self.container else ""
        if self.word:
            return f"{ended}: {self.word}"
        return "; ".join(filter(None, [ended, self.reason])) or "ECS gives no reason"

    @property
    def row(self) -> str:
        """The same with its time."""
        return f"{moment(self.at)}: {self.shown}" if self.at != NEVER else self.shown

    def mends(self, service: Service) -> str:
        """What a person can do about it."""
        profile = f"[ecs.services.{service.name}]"
        if self.container == MODEL:
            return f"mend `model` in {profile} of its profile and deploy the stage"
        return f"its log says more ({service.logs}); mend it, or {profile} of its profile, and deploy the stage"

    def machine(self) -> dict[str, Any]:
        """For machines."""
        return {
            "task": self.id,
            "at": iso(self.at) if self.at != NEVER else None,
            "container": self.container or None,
            "exit_code": self.exit_code,
            "reason": self.reason or None,
            "last_line": self.word or None,
        }


def latest(tasks: Iterable[Mapping[str, Any]]) -> FailedTask | None:
    """The last that failed; None where a later one did its work."""
    ended = sorted((one for one in tasks if one.get("lastStatus") == STOPPED), key=_ended, reverse=True)
    for one in ended:
        if failed := FailedTask.read(one):
            return failed
        if one.get("startedAt"):
            return None
    return None


def with_word(service: Service, failed: FailedTask) -> FailedTask:
    """The same with the last line of its log, where that can be had."""
    if not failed.container:
        return failed
    stream = f"{service.stream_prefix}/{failed.container}/{failed.id}"
    try:
        word = last_word(last_lines(service.target.account.client("logs"), service.log_group, stream))
    except (BotoCoreError, ClientError):  # ECS has said something already
        return failed
    return replace(failed, word=word)


class StoppedTasks:
    """Those of a service that ECS still knows, which is an hour long; it is asked about each once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._ecs: Any = service.target.account.client("ecs")
        self._known: set[str] = set()

    def news(self) -> list[Mapping[str, Any]]:
        """Those that were not there at the look before."""
        unknown = sorted(set(self._listed()) - self._known)
        found: list[Mapping[str, Any]] = []
        for first in range(0, len(unknown), MOST):
            asked = unknown[first : first + MOST]
            found += self._ecs.describe_tasks(cluster=self._service.cluster, tasks=asked)["tasks"]
        stopped = [one for one in found if one.get("lastStatus") == STOPPED]  # others end, and are asked about again
        self._known |= {one["taskArn"] for one in stopped}
        return stopped

    def _listed(self) -> Iterator[str]:
        pages = self._ecs.get_paginator("list_tasks").paginate(
            cluster=self._service.cluster, serviceName=self._service.service, desiredStatus=STOPPED
        )
        for page in pages:
            yield from page["taskArns"]


def _ended(told: Mapping[str, Any]) -> datetime:
    found: datetime = told.get("stoppedAt") or told.get("stoppingAt") or told.get("createdAt") or NEVER
    return found


def _cause(containers: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The container that the task ended for; one without a code only where none has another than 0."""
    failed = [one for one in containers if one.get("exitCode")]
    killed = [one for one in failed if one["exitCode"] in KILLED and not one.get("reason")]
    first = [one for one in failed if one not in killed]
    silent = [one for one in containers if one.get("exitCode") is None and one.get("reason")]
    return next(iter([*first, *silent, *killed]), {})
