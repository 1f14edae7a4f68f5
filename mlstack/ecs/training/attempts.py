"""The tasks that a run has had on ECS: one an attempt."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from mlstack.ecs.training.settings import ON_DEMAND, SPOT, Settings
from mlstack.text import printable

NAMED = "TRAINING_JOB_NAME"
"""The variable that says whose task it is."""
MOST = 100
"""Tasks that ECS describes at once."""
DESIRED = ("RUNNING", "STOPPED")
STOPPED = "STOPPED"
NO_CONTAINER: Mapping[str, Any] = {}
NEVER = datetime.min.replace(tzinfo=UTC)
WORDS = {
    "PENDING": "pulling the image",
    "ACTIVATING": "starting",
    "RUNNING": "running",
    "DEACTIVATING": "stopping",
    "STOPPING": "stopping",
    "DEPROVISIONING": "stopping",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One task."""

    arn: str
    market: str
    status: str
    """ECS's own word."""
    created: datetime
    on_instances: bool
    ended: datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    """Why it stopped."""

    @classmethod
    def read(cls, told: Mapping[str, Any], settings: Settings) -> Self:
        """Read what ECS says of it."""
        containers: Iterable[Mapping[str, Any]] = told.get("containers") or ()
        container = next((one for one in containers if one.get("name") == settings.container), NO_CONTAINER)
        provider = str(told.get("capacityProviderName") or "").casefold()
        reasons = (told.get("stoppedReason"), container.get("reason"))
        return cls(
            arn=told["taskArn"],
            market=SPOT if provider.endswith(SPOT) else ON_DEMAND,
            status=str(told.get("lastStatus") or ""),
            created=told.get("createdAt") or NEVER,
            on_instances=settings.is_on_instances,
            ended=told.get("stoppedAt"),
            exit_code=container.get("exitCode"),
            reason=printable("; ".join(" ".join(str(one).split()) for one in reasons if one)),
        )

    @property
    def id(self) -> str:
        """What its log stream ends in."""
        return self.arn.rpartition("/")[2]

    @property
    def began(self) -> datetime | None:
        """When it was made, where ECS says so."""
        return None if self.created == NEVER else self.created

    @property
    def went_well(self) -> bool:
        """Whether its training ended as it should."""
        return self.status == STOPPED and self.exit_code == 0

    @property
    def shown(self) -> str:
        """How it is, in words."""
        if self.status == "PROVISIONING":
            return "waiting for an instance" if self.on_instances else "waiting for Fargate"
        if self.status == STOPPED:
            ended = f"ended with {self.exit_code}" if self.exit_code is not None else "stopped"
            return f"{ended}: {self.reason}" if self.reason and not self.went_well else ended
        return WORDS.get(self.status, printable(self.status).casefold())


def titles(attempts: Sequence[Attempt]) -> list[str]:
    """What each is called: those on Spot are counted, and so are others where they are several."""
    found: list[str] = []
    for place, one in enumerate(attempts):
        number = sum(other.market == one.market for other in attempts[: place + 1])
        if one.market == SPOT:
            found.append(f"Spot attempt {number}")
        else:
            found.append("On-demand" if number == 1 else f"On-demand attempt {number}")
    return found


class Attempts:
    """Those of one run; ECS is asked about each task of others once."""

    def __init__(self, ecs: Any, settings: Settings, run: str) -> None:  # noqa: ANN401 - boto3's client
        self._ecs = ecs
        self._settings = settings
        self._run = run
        self._others: set[str] = set()
        self._mine: dict[str, Attempt] = {}

    def now(self) -> list[Attempt]:
        """All of them, the first first; one that ECS has forgotten meanwhile stays as it was."""
        ended = {arn for arn, one in self._mine.items() if one.status == STOPPED}
        unknown = sorted({*self._listed(), *self._mine} - self._others - ended)
        for first in range(0, len(unknown), MOST):
            asked = unknown[first : first + MOST]
            answer = self._ecs.describe_tasks(cluster=self._settings.cluster, tasks=asked)
            for told in answer["tasks"]:
                self._take(told)
        return sorted(self._mine.values(), key=lambda one: (one.created, one.arn))

    def _take(self, told: Mapping[str, Any]) -> None:
        if self._run in _names(told):
            found = Attempt.read(told, self._settings)
            self._mine[found.arn] = found
        else:
            self._others.add(told["taskArn"])

    def _listed(self) -> Iterator[str]:
        for desired in DESIRED:
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=self._settings.cluster, family=self._settings.family, desiredStatus=desired
            )
            for page in pages:
                yield from page["taskArns"]


def _names(told: Mapping[str, Any]) -> Iterator[str]:
    """The runs that a task says it is of."""
    for container in (told.get("overrides") or {}).get("containerOverrides", ()):
        yield from (one.get("value", "") for one in container.get("environment", ()) if one.get("name") == NAMED)
