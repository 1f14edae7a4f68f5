"""Waits until moderation has done something about what it flagged."""

import time
from collections.abc import Iterator

from mlstack.vision.review.reviews import PENDING, UNASKED, Review, Reviews

POLL_S = 0.3


def acted_on(reviews: Reviews, uri: str, *, patience_s: float) -> Review | None:
    """What became of an object once it was tagged or moved, whether or not a person is asked; None if that is late."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := next(_of(reviews, uri), None):
            return found
        time.sleep(POLL_S)
    return None


def _of(reviews: Reviews, uri: str) -> Iterator[Review]:
    return (one for one in reviews.listed((PENDING, UNASKED)) if one.object == uri)
