"""How the local AWS's EC2 capacity is, and what a test lets happen to it; who asks need not have moto."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

ROUTE = "/_mlstack/capacity"
"""Where it is read (GET) and changed (POST)."""


class Told(TypedDict):
    """How it is."""

    missing: dict[str, list[str]]
    """The instance types that there is no capacity for, on each market: spot, on-demand."""
    interrupted: list[str]
    """The instances that were given notice."""
    waiting: list[str]
    """The ARNs of the tasks that wait for an instance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a test wants."""

    missing: Mapping[str, frozenset[str]]
    interrupt: str | None


def wanted(body: bytes) -> Wanted:
    """A test's wish; raise ValueError for what is none.

    `{"no_spot": ["g5.xlarge"]}` lets there be no Spot capacity for these types from now on (`"*"` is every one),
    `{"no_on_demand": [...]}` none on demand, `{"interrupt": "i-..."}` gives a Spot instance its two minutes.
    """
    said: Any = json.loads(body or b"{}")
    if not isinstance(said, dict) or said.keys() - {"no_spot", "no_on_demand", "interrupt"}:
        message = "known are no_spot, no_on_demand and interrupt"
        raise ValueError(message)
    missing = {}
    for key, market in (("no_spot", "spot"), ("no_on_demand", "on-demand")):
        types = said.get(key)
        if types is None:
            continue
        if not isinstance(types, list) or not all(isinstance(one, str) for one in types):
            message = f"{key} is a list of instance types"
            raise ValueError(message)
        missing[market] = frozenset(types)
    interrupt = said.get("interrupt")
    if interrupt is not None and not isinstance(interrupt, str):
        message = "interrupt is an instance's id"
        raise ValueError(message)
    return Wanted(missing=missing, interrupt=interrupt)
