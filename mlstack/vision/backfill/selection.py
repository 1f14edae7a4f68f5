"""Which objects are analysed, and by what: a pure decision, with a count of everything that it left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mlstack.vision.backfill.objects import Found
from shared.analyses import Routes, wanted
from shared.video_analyses import wanted_of_video


class Skip(StrEnum):
    """Why an object is left out."""

    FOLDER = "are folders"
    EMPTY = "are empty"
    OLD = "are older than --since"
    ARCHIVED = "lie in an archive and must be restored first"
    NO_ROUTE = "lie under no route of the stage"
    VIDEO = "lie under a route of videos, and a backfill takes images alone"
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
    videos: Routes = field(default_factory=dict)
    """The media bucket's routes of videos; none in another bucket."""
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
        return self._routed(found.key)

    def _routed(self, key: str) -> tuple[str, ...] | Skip:
        routed = wanted(self.routes, key)
        if not routed and wanted_of_video(self.videos, key):
            return Skip.VIDEO
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


def nothing(tally: Tally, selection: Selection, where: str, analyses: Sequence[str]) -> str:
    """Why a listing came to nothing, and what to do about it; ``analyses`` are those that the stage has."""
    if not tally.seen:
        return f"nothing lies under {where}; look at how it is spelt"
    if tally.skipped.get(Skip.NO_ROUTE) and selection.everywhere:
        way = f"say --analyses {','.join(analyses)} or some of them"
    else:
        way = f"the routes are {', '.join(selection.routes)}"
    return f"there is nothing to analyse: {', '.join(reasons(tally.skipped))}; {way}"


def reasons(skipped: Mapping[Skip, int]) -> list[str]:
    """The counts of what was left out, in words."""
    return [f"{skipped[reason]:,} {reason}" for reason in Skip if skipped.get(reason)]
