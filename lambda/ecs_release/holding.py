"""Which cluster is emptied, and what the stage has in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

CLUSTER = re.compile(r"[A-Za-z0-9_-]{1,255}")
# A filter's * and ? stand for anything: they would find what belongs to others.
GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,254}")
PREFIX = "cluster/"
"""What the resource's own name begins with, and no name that CloudFormation makes up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What the stage has."""

    cluster: str
    services: frozenset[str] | None
    """None where nobody knows which services of the cluster are the stage's."""
    groups: tuple[str, ...]
    stage: str = ""

    @classmethod
    def read(cls, properties: Mapping[str, object]) -> Self | None:
        """As the resource's properties say; none where one of them is missing, or nothing to go by."""
        if missing(properties):
            return None
        return cls(
            cluster=str(properties["Cluster"]),
            services=frozenset(_names(properties["Services"]) or ()),
            groups=tuple(_names(properties["AutoScalingGroups"]) or ()),
            stage=str(properties["Stage"]),
        )

    @classmethod
    def deleted(cls, name: object, properties: Mapping[str, object]) -> Self | None:
        """What the resource of that name has, when it is deleted.

        After an update to another cluster it is the old one's resource that is deleted, and the properties may be those
        of the new one: the groups and services of that must go on.
        """
        told = name.removeprefix(PREFIX) if isinstance(name, str) and name.startswith(PREFIX) else ""
        asked = cls.read(properties)
        if not CLUSTER.fullmatch(told) or (asked and asked.cluster == told):
            return asked
        return cls(cluster=told, services=None, groups=())

    @property
    def name(self) -> str:
        """What the resource is called."""
        return f"{PREFIX}{self.cluster}"


def missing(properties: Mapping[str, object]) -> list[str]:
    """The properties that are not there, or nothing to go by."""
    names = {
        key: isinstance(told, str) and CLUSTER.fullmatch(told) for key, told in _of(properties, "Cluster", "Stage")
    }
    lists = {key: _names(told) is not None for key, told in _of(properties, "Services", "AutoScalingGroups")}
    return [key for key, fits in (names | lists).items() if not fits]


def _of(properties: Mapping[str, object], *keys: str) -> list[tuple[str, object]]:
    return [(key, properties.get(key)) for key in keys]


def _names(told: object) -> list[str] | None:
    """A list of names, which may be empty; none where it is anything else."""
    if not isinstance(told, list) or not all(isinstance(one, str) and GROUP.fullmatch(one) for one in told):
        return None
    return told
