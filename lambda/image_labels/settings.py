"""What the function is told by its environment."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Names of the resources, and how labels are chosen."""

    table_name: str
    results_bucket: str
    results_prefix: str
    dead_letter_queue_url: str
    min_confidence: float
    """The least confidence of a label that is kept, in percent."""
    max_labels: int


@cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings(
        table_name=os.environ["TABLE_NAME"],
        results_bucket=os.environ["RESULTS_BUCKET"],
        results_prefix=os.environ["RESULTS_PREFIX"],
        dead_letter_queue_url=os.environ["DEAD_LETTER_QUEUE_URL"],
        min_confidence=float(os.environ["MIN_CONFIDENCE"]),
        max_labels=int(os.environ["MAX_LABELS"]),
    )
