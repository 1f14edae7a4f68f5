"""What the function is told by its environment."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from shared import environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where reviews are kept, and what happens to a flagged object."""

    table_name: str
    quarantine: str | None
    """The quarantine bucket; None where flagged objects are only tagged."""
    review: bool
    """Whether a person is asked."""
    keep: timedelta | None
    """How long a review is kept; None keeps it."""


@cache
def settings() -> Settings:
    """Read the environment once."""
    keep = environment.keep()
    # A pending review holds the token without which nobody can decide: it must not expire before the question does.
    asked = timedelta(days=int(os.environ["REVIEW_DAYS"]) + 7)
    return Settings(
        table_name=os.environ["TABLE_NAME"],
        quarantine=os.environ.get("QUARANTINE_BUCKET") or None,
        review=os.environ["REVIEW"] == "true",
        keep=max(keep, asked) if keep else None,
    )
