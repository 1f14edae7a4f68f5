"""Which objects are analysed, and by what: a pure decision, with a count of everything that it left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mlstack.vision.backfill.objects import Found
from shared.analyses import Routes, wanted


class Skip(StrEnum):
    """Why an object is left out."""

    FOLDER = "are folders"
    EMPTY = "are empty"
    OLD = "are older than --since"
    ARCHIVED = "lie in an archive and must be restored first"
    NO_ROUTE = "lie under no route of the stage"
    UNREADABLE = "lie outside the media bucket's routes, where the stage may not read"


@dataclass(slots=True)
class Tally:
    """What was seen, and what comes of it."""

    seen: int = 0
    objects: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    """By analysis."""
    skipped: Counter[Skip] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What a person asked for."""

    routes: Routes
    analyses: tuple[str, ...] | None = None
    """For every object, in place of the routes."""
    since: datetime | None = None
    everywhere: bool = True
    """Whether the stage may read objects that lie under no route, as it may in a bucket of backfill_buckets."""

    def decide(self, found: Found) -> tuple[str, ...] | Skip:
        """The analyses of one object, or why it gets none."""
        if found.key.endswith("/"):
            return Skip.FOLDER
        if found.size == 0:
            return Skip.EMPTY
        if self.since and (found.modified is None or found.modified < self.since):
            return Skip.OLD
        if found.archived:
            return Skip.ARCHIVED
        routed = wanted(self.routes, found.key)
        if self.analyses is None:
            return routed or Skip.NO_ROUTE
        return self.analyses if routed or self.everywhere else Skip.UNREADABLE


def chosen(objects: Iterable[Found], selection: Selection, tally: Tally) -> Iterator[Found]:
    """Pass on the objects that are analysed, and count all of them as they come."""
    for found in objects:
        tally.seen += 1
        match selection.decide(found):
            case Skip() as reason:
                tally.skipped[reason] += 1
            case analyses:
                tally.objects += 1
                tally.calls.update(analyses)
                yield found


def reasons(skipped: Mapping[Skip, int]) -> list[str]:
    """The counts of what was left out, in words."""
    return [f"{skipped[reason]:,} {reason}" for reason in Skip if skipped.get(reason)]
