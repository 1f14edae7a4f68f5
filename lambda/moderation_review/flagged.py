"""The event "Content Flagged", as the state machine hands it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from moderation_review.place import Place
from shared.object_version import LONGEST_KEY, ObjectVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class Flagged:
    """An object version with the labels for which it was flagged."""

    thing: ObjectVersion
    media: str
    labels: tuple[tuple[str, Decimal], ...]
    """Names with their confidence in percent, the highest first."""

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> "Flagged":
        """Read the event's detail; raise ValueError or KeyError where it is something else."""
        version = detail["version"]
        thing = ObjectVersion.of(detail["bucket"], detail["key"], 0, version, detail.get("version_id"))
        named = [(str(label["name"]), Decimal(str(label["confidence"]))) for label in detail["labels"]]
        if not named:
            message = f"{thing.uri} was flagged without a label"
            raise ValueError(message)
        labels = tuple(sorted(named, key=lambda one: (-one[1], one[0])))
        return cls(thing=thing, media=str(detail["media"]), labels=labels)

    @property
    def place(self) -> Place:
        """Where the very version lies."""
        return Place(self.thing.bucket, self.thing.key, self.thing.version_id)

    @property
    def key(self) -> Place:
        """Where the newest version of the object lies, whichever that is."""
        return Place(self.thing.bucket, self.thing.key)

    def held_in(self, quarantine: str) -> Place:
        """Where its copy lies in quarantine: under a key that no other version of any object has."""
        key = f"{self.thing.bucket}/{self.thing.version}/{self.thing.key}"
        too_long = len(key.encode()) > LONGEST_KEY
        return Place(quarantine, f"{self.thing.bucket}/{self.thing.digest}" if too_long else key)
