"""What the pages of one job name, added up page by page in bounded memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.findings import Finding
from shared.video_analyses import Seen

MOST_NAMES = 10_000
"""Distinct names that are kept, the most certain ones; every line of a day's subtitles lies in the documents only."""


@dataclass(slots=True)
class Tally:
    """By name: the highest confidence, how often, and the first and last time."""

    count: int = 0
    names: dict[str, Finding] = field(default_factory=dict)

    def add(self, seen: Iterable[Seen]) -> None:
        """Add what one page names."""
        for one in seen:
            self.count += 1
            before = self.names.get(one.name)
            self.names[one.name] = _merged(one, before) if before else _first(one)
        if len(self.names) > 2 * MOST_NAMES:
            self.names = {found.name: found for found in self.findings()}

    def findings(self) -> list[Finding]:
        """The names to keep, the most certain first."""
        return sorted(self.names.values(), key=lambda found: (-found.confidence, found.name))[:MOST_NAMES]

    def to_json(self) -> dict[str, Any]:
        """The tally as it is, for a later invocation."""
        names = [
            [found.name, found.confidence, found.instances, found.first_ms, found.last_ms]
            for found in self.names.values()
        ]
        return {"count": self.count, "names": names}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Tally":
        """Read what ``to_json`` gave."""
        names = {
            name: Finding(name=name, confidence=confidence, instances=instances, first_ms=first, last_ms=last)
            for name, confidence, instances, first, last in stored["names"]
        }
        return cls(stored["count"], names)


def _first(seen: Seen) -> Finding:
    return Finding(name=seen.name, confidence=seen.confidence, first_ms=seen.first_ms, last_ms=seen.last_ms)


def _merged(seen: Seen, before: Finding) -> Finding:
    first = seen.first_ms if before.first_ms is None else min(seen.first_ms, before.first_ms)
    return Finding(
        name=seen.name,
        confidence=max(seen.confidence, before.confidence),
        instances=before.instances + 1,
        first_ms=first,
        last_ms=max(seen.last_ms, before.last_ms or 0),
    )
