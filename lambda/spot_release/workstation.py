"""Which workstation, by the tags that its launch template puts on everything that it brings about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

PROJECT = "mlstack"
# A filter's * and ? stand for anything: they would find what belongs to others.
PATTERNS = {
    "Stage": re.compile(r"[A-Za-z0-9][\w.-]{0,127}", re.ASCII),
    "Workstation": re.compile(r"[A-Za-z0-9][\w.-]{0,127}", re.ASCII),
    "Edition": re.compile(r"[0-9]{1,9}"),
}
"""What the resource's properties must be to be looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workstation:
    """One edition of a workstation: the next one's machine is another, which a deploy makes before this one goes."""

    stage: str
    name: str
    edition: str

    @classmethod
    def read(cls, properties: Mapping[str, object]) -> Self | None:
        """As the resource's properties say; none where one of them is missing, or nothing to look for."""
        if missing(properties):
            return None
        stage, name, edition = (str(properties[key]) for key in PATTERNS)
        return cls(stage=stage, name=name, edition=edition)

    def __str__(self) -> str:
        """As a person is told of it."""
        return f"edition {self.edition} of the workstation {self.name}"

    def filters(self) -> "list[FilterTypeDef]":
        """All of the tags, as EC2 is asked for them."""
        tags = {"project": PROJECT, "stage": self.stage, "workstation": self.name, "edition": self.edition}
        return [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]


def missing(properties: Mapping[str, object]) -> list[str]:
    """The properties that are not there, or nothing to look for."""
    told = {key: properties.get(key) for key in PATTERNS}
    return [key for key, value in told.items() if not isinstance(value, str) or not PATTERNS[key].fullmatch(value)]
