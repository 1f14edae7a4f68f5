"""What a group launches next: on which market, of which types, in which subnet or zone."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
SPOT, ON_DEMAND = "spot", "on-demand"
UNSUPPORTED = ("InstanceRequirements", "WeightedCapacity")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One request to run an instance."""

    template: Json
    """LaunchTemplateId or LaunchTemplateName, and Version."""
    market: str | None
    """spot, on-demand; nothing where the template says it."""
    instance_type: str | None
    """Nothing where the template says it."""
    max_price: str | None
    place: str
    """A subnet, or a zone where the group names none."""


def on_demand_wanted(desired: int, distribution: Json) -> int:
    """How many of the desired instances are on demand; a fraction is rounded in their favour, as AWS does."""
    base = min(int(distribution.get("OnDemandBaseCapacity") or 0), desired)
    said = distribution.get("OnDemandPercentageAboveBaseCapacity")
    percent = 100 if said is None else int(said)
    return base + math.ceil((desired - base) * percent / 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An instance that runs."""

    market: str
    place: str


def attempts(
    policy: Json | None, template: Json, desired: int, members: Sequence[Member], places: Sequence[str]
) -> Iterator[Attempt]:
    """Requests for one more instance, the best first: by the overrides' order, then where the fewest run."""
    count = Counter(one.place for one in members)
    spread = sorted(places, key=lambda place: count[place])
    if not policy:
        for place in spread:
            yield Attempt(template=template, market=None, instance_type=None, max_price=None, place=place)
        return
    distribution = policy.get("InstancesDistribution") or {}
    on_demand = sum(one.market == ON_DEMAND for one in members)
    is_short = on_demand < on_demand_wanted(desired, distribution)
    market = ON_DEMAND if is_short else SPOT
    price = distribution.get("SpotMaxPrice") or None
    for override in policy["LaunchTemplate"].get("Overrides") or [{}]:
        for place in spread:
            yield Attempt(
                template=override.get("LaunchTemplateSpecification") or template,
                market=market,
                instance_type=override.get("InstanceType"),
                max_price=price if market == SPOT else None,
                place=place,
            )


def unsupported(policy: Json | None) -> str:
    """What of a policy the local AWS does not know; nothing where it knows all of it."""
    overrides = (policy or {}).get("LaunchTemplate", {}).get("Overrides") or []
    for override in overrides:
        for name in UNSUPPORTED:
            if override.get(name) and not (name == "WeightedCapacity" and str(override[name]) == "1"):
                return name
    return ""
