"""One container of a task: waiting, running, ended."""

import time
from typing import Any
from uuid import uuid4

from mlstack.local.container.process import Launch, Process
from mlstack.local.ecs.awslogs import Awslogs
from mlstack.local.ecs.dependency import Standing
from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.health import HEALTHY, UNKNOWN, Check, Health
from mlstack.local.json_service import Json

STOP_S = 30.0
"""How long a container has to end after SIGTERM, unless its definition says otherwise."""
CANNOT = "CannotStartContainerError: {why}"


class Container:
    """A container and the process that it is here."""

    def __init__(self, said: Json, arn: str, task_arn: str) -> None:
        self.said = said
        self.name = str(said["name"])
        self.essential = bool(said.get("essential", True))
        self.stop_s = float(said.get("stopTimeout") or STOP_S)
        self.reason = ""
        self.code: int | None = None
        self.began: float | None = None
        self.process: Process | None = None
        self._arn = arn
        self._task_arn = task_arn
        self._runtime_id = ""
        self._digest = ""
        self._health: Health | None = None
        self._ended = False
        self._killed_at: float | None = None

    def start(self, launch: Launch, logs: Awslogs | None, health_s: float) -> None:
        """Start its process; CannotStartError where this machine does not let it."""
        try:
            self.process = Process(launch, logs.tell if logs else _unheard)
        except OSError as error:
            self.reason = CANNOT.format(why=error)
            raise CannotStartError(self.reason) from error
        self.began = time.monotonic()
        self._runtime_id, self._digest = f"{uuid4().hex}-{uuid4().int % 10**10}", launch.image.digest
        check = Check.of(self.said, health_s)
        if check is not None:
            self._health = Health(check, launch)
            self._health.begin()

    @property
    def ended(self) -> bool:
        """Whether it has run and does no more."""
        return self._ended

    @property
    def standing(self) -> Standing:
        """What it has come to, for those that depend on it."""
        return Standing(
            started=self.began is not None,
            ended=self._ended,
            code=self.code,
            healthy=self.health == HEALTHY,
        )

    @property
    def health(self) -> str:
        """How it is; nobody knows of one without a check."""
        return self._health.status if self._health else UNKNOWN

    @property
    def checked(self) -> bool:
        """Whether somebody asks how it is."""
        return bool(self.said.get("healthCheck"))

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and not self._ended

    def look(self) -> bool:
        """Notice that it has ended; whether it has since the last look."""
        if self.process is None or self._ended or self.process.alive:
            return False
        self._bury()
        return True

    def wind_down(self, left_s: float) -> None:
        """Ask it to end, and end it when its own time is over, or the ``left_s`` that its task has."""
        if self.process is None or self._ended:
            return
        now = time.monotonic()
        if self._killed_at is None:
            self._killed_at = now + self.stop_s
            self.process.terminate()
        if now >= self._killed_at or left_s <= 0:
            self._bury()

    def kill(self, grace_s: float) -> None:
        """End it at once."""
        if self._health is not None:
            self._health.end()
        if self.process is not None:
            self.process.stop(grace_s)

    def told(self, *, stopped: bool, address: Json | None) -> Json:
        """The container as ECS describes it."""
        status = "STOPPED" if self._ended or stopped else "RUNNING" if self.process else "PENDING"
        told: dict[str, Any] = {
            "containerArn": self._arn,
            "taskArn": self._task_arn,
            "name": self.name,
            "image": self.said["image"],
            "imageDigest": self._digest,
            "runtimeId": self._runtime_id,
            "lastStatus": status,
            "exitCode": self.code,
            "reason": self.reason,
            "networkBindings": [],
            "networkInterfaces": [address] if address else [],
            "healthStatus": self.health if self.checked else UNKNOWN,
            "cpu": str(self.said.get("cpu", 0)),
            "memory": str(self.said["memory"]) if self.said.get("memory") else None,
        }
        return {name: value for name, value in told.items() if value is not None and value != ""}

    def _bury(self) -> None:
        if self.process is None:
            return
        self.kill(0)
        self.code = self.process.code
        self._ended = True


def _unheard(_lines: list[str]) -> None:
    """Another log driver's lines are nowhere."""
