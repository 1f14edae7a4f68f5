"""What the state machine asks the function to do about one flagged object version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moderation_review import reviews as of
from moderation_review.content import Content
from moderation_review.flagged import Flagged
from moderation_review.objects import Objects
from moderation_review.place import Place
from moderation_review.record import carry_over
from moderation_review.reviews import Reviews
from shared.come_again import ComeAgainError

SOON_S = 5.0
SETTLED = frozenset({of.REJECTED, of.EXPIRED, of.UNASKED})
"""The ends of a review after which the content must not lie at its key."""
DELETED = "the object was deleted or overwritten before anything could be done about it"
NEWER = "something newer lies at the key, so the approved object stays in quarantine"
Answer = dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """One flagged object version, and the services for it."""

    flagged: Flagged
    reviews: Reviews
    objects: Objects
    quarantine: str | None
    review: bool

    @property
    def held(self) -> Place | None:
        """Where its copy lies, or will lie, in quarantine."""
        return self.flagged.held_in(self.quarantine) if self.quarantine else None

    def act(self) -> Answer:
        """Tag the object and move it into quarantine; says whether somebody must be asked."""
        known = self.reviews.known()
        self._wait_for_release(known)
        content = self.objects.flagged(self.flagged)
        before = known.get(self.flagged.thing.version, {})
        if content is None and not before.get("quarantined"):
            if (before.get("execution"), before.get("status")) == (self.reviews.execution, of.WORKING):
                self.reviews.fail(DELETED)
            return {"outcome": "gone"}
        standing = self.reviews.claim()
        if content and standing in SETTLED:
            self._put_away_again(content, standing)
        if standing:
            return {"outcome": "known"}
        if content:
            self._put_away(content, self.reviews.note)
        else:
            self._be_sure_of_copy()
        if not self.review:
            self.reviews.settle(of.UNASKED)
        return {"outcome": "ask" if self.review else "done"}

    def ask(self, token: str) -> Answer:
        """Put the question to the reviewers, who find it by the results table."""
        self.reviews.ask(token)
        return {"outcome": "asked"}

    def release(self, decision: Mapping[str, Any]) -> Answer:
        """Give an approved object back."""
        self.reviews.begin(decision)
        outcome, facts = self._restore(self.held) if self.held else self._untag()
        self.reviews.settle(of.APPROVED, **facts)
        return {"outcome": outcome}

    def refuse(self, status: str, decision: Mapping[str, Any] | None = None) -> Answer:
        """Leave a rejected object, or one that nobody decided about, where it is; nothing is deleted."""
        content = self.objects.flagged(self.flagged)
        kept = self.held or (self.flagged.place if content else None)
        if kept and self.objects.content(kept):
            self.objects.mark(kept, review=status)
            if self.held and content:
                self.objects.remove(self.flagged, content)  # it may have been uploaded again meanwhile
        self.reviews.settle(status, decision or {})
        return {"outcome": status}

    def fail(self, reason: str) -> Answer:
        """Record why a person must look; the object stays where it is."""
        self.reviews.fail(reason)
        return {"outcome": of.FAILED}

    def _wait_for_release(self, known: Mapping[str, of.Item]) -> None:
        """Wait while an approved object goes back: what was flagged may be what release writes just now."""
        others = (one for one in known.values() if one.get("execution") != self.reviews.execution)
        if any(one.get("status") == of.RELEASING for one in others):
            message = f"an approved version of {self.flagged.thing.uri} is on its way back"
            raise ComeAgainError(message, seconds=SOON_S)

    def _put_away(self, content: Content, note: Callable[..., object]) -> None:
        """Mark the object, copy it into quarantine, and take it away once the copy is sure and written down."""
        marks, unmarked = self.objects.mark(self.flagged.place, moderation=self.flagged.labels[0][0])
        if unmarked:
            note(tagging=unmarked)
        if self.held:
            match = self.objects.hold(self.flagged.place, content, self.held, marks)
            note(quarantined=self.held.uri, verified=match.value)
            note(removed=self.objects.remove(self.flagged, content))

    def _put_away_again(self, content: Content, status: str) -> None:
        """Do with content that was uploaded once more, or announced, what was decided; nobody is asked twice."""
        if self.held and not self.objects.lies(self.flagged):
            return
        self._put_away(content, lambda **_: None)
        if status != of.UNASKED:
            self.objects.mark(self.held or self.flagged.place, review=status)

    def _be_sure_of_copy(self) -> None:
        """Nothing is left to do where an earlier attempt took the original away, if its copy is there."""
        if not (self.held and self.objects.content(self.held)):
            message = f"neither {self.flagged.thing.uri} nor its copy in quarantine is there"
            raise LookupError(message)

    def _restore(self, held: Place) -> tuple[str, dict[str, object]]:
        there = self.objects.content(held)
        if there is None and self.objects.content(self.flagged.key):
            return "released", {"quarantined": None}  # an earlier attempt got this far
        if there is None:
            message = f"the copy at {held.uri} is gone, so it cannot be given back"
            raise LookupError(message)
        back = self.objects.restore(held, there, self.flagged.key)
        if back is None:
            return "kept", {"kept": NEWER}
        carry_over(self.reviews.table, self.flagged.thing, back.version)
        self.reviews.approve(back.version)
        self.objects.drop(held, there)
        return "released", {"quarantined": None, "released": back.version}

    def _untag(self) -> tuple[str, dict[str, object]]:
        if self.objects.flagged(self.flagged):
            self.objects.unmark(self.flagged.place)
        return "released", {}
