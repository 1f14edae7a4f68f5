"""Which capacity provider a task goes to: a strategy's bases first, then its weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one provider is to have."""

    provider: str
    base: int = 0
    weight: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """As a request says it."""
        provider = str(said["capacityProvider"]).rpartition("/")[2]
        return cls(provider=provider, base=int(said.get("base") or 0), weight=int(said.get("weight") or 0))


def choose(strategy: Sequence[Share], counts: Mapping[str, int]) -> str:
    """The provider of the next task, where so many run on each already; the one furthest below its part."""
    below = [one for one in strategy if counts.get(one.provider, 0) < one.base]
    if below:
        return below[0].provider
    weighted = [one for one in strategy if one.weight > 0]
    return min(weighted, key=lambda one: (counts.get(one.provider, 0) - one.base + 1) / one.weight).provider


def complaint(strategy: Sequence[Share]) -> str:
    """What ECS refuses of a strategy; empty where it takes it."""
    if len({one.provider for one in strategy}) < len(strategy):
        return "The specified capacity provider strategy cannot contain a capacity provider twice."
    if sum(one.base > 0 for one in strategy) > 1:
        return "Only one capacity provider in a strategy can have a base."
    if not any(one.weight > 0 for one in strategy):
        return "At least one capacity provider of a strategy must have a weight greater than 0."
    fargate = {one.provider.startswith("FARGATE") for one in strategy}
    if len(fargate) > 1:
        return "A capacity provider strategy cannot contain both Fargate and Auto Scaling group capacity providers."
    return ""
