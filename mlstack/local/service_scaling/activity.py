"""What was scaled and why: AWS's DescribeScalingActivities, which moto lacks, and what cooldowns reckon with."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple
from uuid import uuid4

from mlstack.local.json_service import Json, JsonService, ServiceError
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page
from mlstack.local.service_scaling.step import Done

TARGET = "AnyScaleFrontendService."
LARGEST_PAGE = 50
MISFIT = ("InvalidNextTokenException", "The next token is invalid.")
HALF_NAMED = (
    "ValidationException",
    "When specifying a scalable dimension, you must also specify a resource ID.",
)
KEPT = 1000
"""How many are remembered."""


class Target(NamedTuple):
    """A scalable target, as requests name it."""

    namespace: str
    resource: str
    dimension: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """One change of capacity, or a try at one."""

    target: Target
    cause: str
    at: float
    wanted: int
    trouble: str = ""

    def told(self, name: str) -> Json:
        """As the service describes it."""
        done = f"Successfully set desired count to {self.wanted}. Change successfully fulfilled by ecs."
        return {
            "ActivityId": name,
            "ServiceNamespace": self.target.namespace,
            "ResourceId": self.target.resource,
            "ScalableDimension": self.target.dimension,
            "Description": f"Setting desired count to {self.wanted}.",
            "Cause": self.cause,
            "StartTime": self.at,
            "EndTime": self.at,
            "StatusCode": "Failed" if self.trouble else "Successful",
            "StatusMessage": self.trouble or done,
        }


class Activities:
    """Those of a server, the oldest first."""

    def __init__(self) -> None:
        self._told: list[tuple[str, Activity]] = []
        self._last: dict[Target, Done] = {}
        self._lock = Lock()

    def add(self, activity: Activity, done: Done | None = None) -> None:
        """Remember one, and what it did."""
        with self._lock:
            self._told = [*self._told[1 - KEPT :], (str(uuid4()), activity)]
            if done is not None:
                self._last[activity.target] = done

    def last(self, target: Target) -> Done | None:
        """What was done last to a target."""
        return self._last.get(target)

    def forget(self, target: Target) -> None:
        """A target is no longer one; what was done to it stays told."""
        with self._lock:
            self._last.pop(target, None)

    def of(self, namespace: str, resource: str | None = None, dimension: str | None = None) -> Iterable[Json]:
        """Those of a target, or of all of a service, the newest first."""
        for name, one in reversed(self._told):
            asked = (namespace, resource or one.target.resource, dimension or one.target.dimension)
            if one.target == asked:
                yield one.told(name)


ACTIVITIES = Activities()
"""The server's own."""


def service() -> JsonService:
    """The operation; all others are moto's."""
    return JsonService(
        name="application-autoscaling",
        target=TARGET,
        invalid="ValidationException",
        answers={"DescribeScalingActivities": _describe},
    )


def _describe(asked: Json) -> Json:
    if asked.get("ScalableDimension") and not asked.get("ResourceId"):
        raise ServiceError(*HALF_NAMED)
    found = [*ACTIVITIES.of(asked["ServiceNamespace"], asked.get("ResourceId"), asked.get("ScalableDimension"))]
    size = min(asked.get("MaxResults", LARGEST_PAGE), LARGEST_PAGE)
    try:
        shown, token = page(found, size, asked.get("NextToken"), "ScalingActivities")
    except RekognitionError as error:
        raise ServiceError(*MISFIT) from error
    return {"ScalingActivities": shown, **({"NextToken": token} if token else {})}
