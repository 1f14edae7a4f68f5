"""What ECS's agent reads in /etc/ecs/ecs.config: lines of an environment file, the last of a name counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_CLUSTER = "default"
YES = frozenset({"1", "t", "T", "TRUE", "true", "True"})
"""What Go takes for a truth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentConfig:
    """As much of it as matters here."""

    cluster: str = DEFAULT_CLUSTER
    reserved_mib: int = 0
    drains: bool = False
    """Whether a Spot interruption's notice sets the instance to draining."""
    attributes: Mapping[str, str] = field(default_factory=dict)


def read(text: str) -> AgentConfig:
    """The settings; what makes no sense is as if it was not there, as the agent takes it."""
    said = dict(_lines(text))
    reserved = said.get("ECS_RESERVED_MEMORY", "")
    return AgentConfig(
        cluster=said.get("ECS_CLUSTER") or DEFAULT_CLUSTER,
        reserved_mib=int(reserved) if reserved.isascii() and reserved.isdigit() else 0,
        drains=said.get("ECS_ENABLE_SPOT_INSTANCE_DRAINING", "") in YES,
        attributes=_attributes(said.get("ECS_INSTANCE_ATTRIBUTES", "")),
    )


def _lines(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign:  # a comment's name is nobody's
            found.append((name.strip(), _unquoted(value.strip())))
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _attributes(text: str) -> dict[str, str]:
    try:
        said: Any = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}
