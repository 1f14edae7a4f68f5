"""The ECS service behind a scalable target: how many tasks it is to have."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

DIMENSION = "ecs:service:DesiredCount"
RESOURCE = re.compile(r"service/(?P<cluster>[^/]+)/(?P<service>[^/]+)")
Clients = Callable[[str], Any]
"""A client of a service of AWS, by its name."""


class NoServiceError(LookupError):
    """There is no such service, or it is being deleted."""

    def __init__(self, resource: str) -> None:
        super().__init__(f"ECS service doesn't exist: {resource}")


class EcsService(NamedTuple):
    """One service, by a scalable target's resource id."""

    resource: str
    clients: Clients

    def desired(self) -> int:
        """How many tasks it is to have; raise NoServiceError where there is none."""
        cluster, service = self._names()
        try:
            found = self.clients("ecs").describe_services(cluster=cluster, services=[service])["services"]
        except ClientError as error:
            raise NoServiceError(self.resource) from error
        alive = [one for one in found if one["status"] == "ACTIVE"]
        if not alive:
            raise NoServiceError(self.resource)
        return int(alive[0]["desiredCount"])

    def set_desired(self, count: int) -> None:
        """Say how many tasks it is to have."""
        cluster, service = self._names()
        self.clients("ecs").update_service(cluster=cluster, service=service, desiredCount=count)

    def _names(self) -> tuple[str, str]:
        named = RESOURCE.fullmatch(self.resource)
        if named is None:
            raise NoServiceError(self.resource)
        return named["cluster"], named["service"]
