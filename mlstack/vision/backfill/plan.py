"""What a manifest holds, in short."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mlstack.vision.backfill.objects import Place

PREFIX = "vision/backfill/"
MANIFEST, PLAN = "manifest.json", "plan.json"


def place(bucket: str, name: str, file: str) -> Place:
    """Where a file of the backfill of a name lies."""
    return Place(bucket, f"{PREFIX}{name}/{file}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """It lies beside its manifest, and outlives the 90 days for which AWS remembers a run."""

    name: str
    """Of the first run over the manifest."""
    source: str
    analyses: tuple[str, ...] | None
    """For every object; None for those of the stage's routes."""
    objects: int
    batches: int
    calls: Mapping[str, int]
    """At most, by analysis."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` made of it; raise TypeError or KeyError where it is something else."""
        names = told["analyses"]
        return cls(**{**told, "analyses": None if names is None else tuple(names)})
