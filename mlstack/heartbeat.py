"""The heartbeat that a running machine sends: how long nobody has used it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mlstack.clock import span

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef

LOOK_BACK = timedelta(hours=3)
PERIOD_S = 60
SILENT_AFTER = timedelta(minutes=15)
"""Three heartbeats: what sends them has stopped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """One heartbeat."""

    at: datetime
    idle: timedelta

    def is_silent(self, now: datetime) -> bool:
        """Whether others should have followed by now."""
        return now - self.at > SILENT_AFTER

    def idle_stop(self, after_minutes: int | None) -> datetime | None:
        """When the machine stops itself if nobody uses it, where it does."""
        return None if after_minutes is None else self.at - self.idle + timedelta(minutes=after_minutes)

    def shown(self, now: datetime) -> str:
        """What a person reads."""
        silent = ": what sends it has stopped" if self.is_silent(now) else ""
        return f"{span(now - self.at)} ago{silent}; idle for {span(self.idle)} then"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """The CloudWatch metric that a kind of machine sends, one series a machine."""

    namespace: str
    dimension: str
    """What names the machine."""
    name: str = "IdleMinutes"

    def dimensions(self, machine: str) -> "list[DimensionTypeDef]":
        """Which machine's."""
        return [{"Name": self.dimension, "Value": machine}]

    def last(self, cloudwatch: "CloudWatchClient", machine: str, now: datetime) -> Heartbeat | None:
        """The machine's last heartbeat of the last three hours."""
        answer = cloudwatch.get_metric_statistics(
            Namespace=self.namespace,
            MetricName=self.name,
            Dimensions=self.dimensions(machine),
            StartTime=now.replace(second=0, microsecond=0) - LOOK_BACK,  # so that each period is a whole minute
            EndTime=now + timedelta(seconds=PERIOD_S),
            Period=PERIOD_S,
            Statistics=["Maximum"],
        )
        return newest(answer.get("Datapoints", ()))


def newest(datapoints: Iterable[Mapping[str, Any]]) -> Heartbeat | None:
    """The newest of CloudWatch's data points, which come in any order."""
    found = max(datapoints, key=lambda point: point["Timestamp"], default=None)
    return Heartbeat(at=found["Timestamp"].astimezone(UTC), idle=timedelta(minutes=found["Maximum"])) if found else None
