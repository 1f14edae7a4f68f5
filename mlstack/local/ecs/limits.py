"""How patient ECS is; a test sets it, AWS counts in minutes."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

ROUTE = "/_mlstack/ecs"
"""Where a test reads how patient ECS is (GET), sets it, and has a Spot task interrupted (POST)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is waited for, in seconds."""

    step_seconds: float = 0.05
    """How often a task and a service are looked at."""
    health_seconds: float = 1.0
    """How often a container's health is asked for at most, whatever its definition says."""
    steady_seconds: float = 2.0
    """How long a service's task has to run, where nobody asks how it is, to be no failure of its deployment."""
    retry_seconds: float = 5.0
    """How long a service waits at most before it replaces a task that failed; less after the first failures."""

    def changed(self, said: dict[str, Any]) -> Self:
        """These limits with what a request says; raise ValueError for what is no limit."""
        known = {field.name for field in fields(self)}
        numbers = {name: float(value) for name, value in said.items()}
        if numbers.keys() - known or not all(0 < value < 3600 for value in numbers.values()):  # noqa: PLR2004 - an hour
            message = f"known are interrupt, {', '.join(sorted(known))}, each more than 0 and less than 3600"
            raise ValueError(message)
        return type(self)(**{**asdict(self), **numbers})
