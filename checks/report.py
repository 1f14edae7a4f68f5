"""What a gate says: how much it looked at, what it found, and what it could not judge."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault: where it is (`path:line` or `stack/logical id`) and what is wrong there."""

    place: str
    message: str

    def __str__(self) -> str:
        """Render as one line."""
        return f"{self.place}: {' '.join(self.message.split())}"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one gate; ``looked_at`` counts its subjects by plural noun, zero included."""

    looked_at: Mapping[str, int]
    findings: tuple[Finding, ...] = ()
    unjudged: tuple[Finding, ...] = ()

    @property
    def scope(self) -> str:
        """What was looked at, as text: `3 templates` or `0 state machines`."""
        return ", ".join(_counted(number, noun) for noun, number in self.looked_at.items())


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun.removesuffix('s') if number == 1 else noun}"
