"""What every task and service has around it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends

from mlstack.local.container.image import Images
from mlstack.local.ecs.limits import Limits
from mlstack.local.environment import Place
from mlstack.local.report import Report

Client = Callable[[str], Any]
DEFAULT = "default"


@dataclass(kw_only=True)
class Hall:
    """The surroundings of one account and region."""

    place: Place
    folder: Path
    images: Images
    client: Client
    report: Report
    limits: Limits = field(default_factory=Limits)
    lock: RLock = field(default_factory=RLock)
    closed: bool = False

    def arn(self, kind: str, *names: str) -> str:
        """The ARN of something of ECS."""
        return f"arn:aws:ecs:{self.place.region}:{self.place.account}:{kind}/{'/'.join(names)}"

    @property
    def moto(self) -> EC2ContainerServiceBackend:
        """Where moto keeps clusters, capacity providers and container instances."""
        backend: EC2ContainerServiceBackend = ecs_backends[self.place.account][self.place.region]
        return backend


def named(reference: str | None) -> str:
    """The name or id in an ARN; a name alone is itself."""
    return (reference or DEFAULT).rpartition("/")[2]
