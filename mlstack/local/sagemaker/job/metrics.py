"""The numbers that a job prints, found by the regular expressions of its metric definitions."""

import math
import re
import time
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

from mlstack.local.json_service import Json, ServiceError
from mlstack.local.sagemaker.registry import INVALID


class Value(NamedTuple):
    """One number, and when it was printed."""

    value: float
    at: float


class Metrics:
    """Everything that one job's log said."""

    def __init__(self, definitions: Iterable[Json]) -> None:
        self._known = [(str(one["Name"]), _compiled(one)) for one in definitions]
        self._values: dict[str, list[Value]] = {}
        self._lock = Lock()

    def hear(self, lines: Iterable[str]) -> None:
        """Find what some lines say."""
        now = time.time()
        for line in lines:
            for name, pattern in self._known:
                for found in pattern.finditer(line):
                    number = _number(found)
                    if number is not None:
                        with self._lock:
                            self._values.setdefault(name, []).append(Value(number, now))

    def of(self, name: str) -> list[Value]:
        """All values of one metric, oldest first."""
        with self._lock:
            return [*self._values.get(name, [])]

    def final(self) -> list[Json]:
        """The last value of each metric, as DescribeTrainingJob tells it."""
        with self._lock:
            return [
                {"MetricName": name, "Value": values[-1].value, "Timestamp": values[-1].at}
                for name, values in sorted(self._values.items())
            ]


def _number(found: re.Match[str]) -> float | None:
    """The number of a match; nothing for what is none, or none that CloudWatch takes."""
    if found.re.groups == 0:
        return None
    try:
        number = float(found[1])
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _compiled(definition: Json) -> re.Pattern[str]:
    try:
        return re.compile(definition["Regex"])
    except re.error as error:
        message = f"Invalid regex of metric definition {definition['Name']}: {error}"
        raise ServiceError(INVALID, message) from error
