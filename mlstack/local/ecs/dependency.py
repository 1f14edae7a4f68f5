"""In which order a task's containers start and end: pure decisions on what each has come to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

START, COMPLETE, SUCCESS, HEALTHY = "START", "COMPLETE", "SUCCESS", "HEALTHY"
ENDED = frozenset({COMPLETE, SUCCESS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What a container waits for."""

    container: str
    condition: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What a container has come to."""

    started: bool = False
    ended: bool = False
    code: int | None = None
    healthy: bool = False


def met(condition: Condition, standing: Standing) -> bool:
    """Whether a container need no longer wait for another."""
    return {
        START: standing.started,
        COMPLETE: standing.ended,
        SUCCESS: standing.ended and standing.code == 0,
        HEALTHY: standing.healthy and not standing.ended,
    }[condition.condition]


def hopeless(condition: Condition, standing: Standing) -> bool:
    """Whether a container would wait for ever."""
    if not standing.ended:
        return False
    return condition.condition == HEALTHY or (condition.condition == SUCCESS and standing.code != 0)


def startable(name: str, needs: Mapping[str, Iterable[Condition]], standings: Mapping[str, Standing]) -> bool:
    """Whether everything that a container waits for has come."""
    return all(met(need, standings[need.container]) for need in needs.get(name, ()))


def in_the_way(name: str, needs: Mapping[str, Iterable[Condition]], standings: Mapping[str, Standing]) -> str:
    """The container for which another would wait for ever; empty where there is none."""
    doomed = (need.container for need in needs.get(name, ()) if hopeless(need, standings[need.container]))
    return next(doomed, "")


def endable(name: str, needs: Mapping[str, Iterable[Condition]], standings: Mapping[str, Standing]) -> bool:
    """Whether a container may be asked to end: those that depend on it end before it."""
    dependents = (other for other, said in needs.items() if any(need.container == name for need in said))
    return not any(standings[other].started and not standings[other].ended for other in dependents)


def circle(needs: Mapping[str, Iterable[Condition]]) -> bool:
    """Whether containers wait for each other."""
    open_ = {name: {need.container for need in said} for name, said in needs.items()}
    while open_:
        free = {name for name, waits in open_.items() if not waits & open_.keys()}
        if not free:
            return True
        open_ = {name: waits for name, waits in open_.items() if name not in free}
    return False
