"""What the function is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from shared import environment
from shared.analyses import Routes


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Names of the resources, and which images get which analyses."""

    stage: str
    table_name: str
    pace_table_name: str
    results_bucket: str
    queue_url: str
    dead_letter_queue_url: str
    keep: timedelta | None
    """How long results are kept; None keeps them."""
    routes: Routes
    options: Mapping[str, Mapping[str, Any]]
    """Each analysis's table of the profile."""
    per_second: Mapping[str, float]
    """The calls per second of each analysis's API, over all functions."""


@cache
def settings() -> Settings:
    """Read the environment once."""
    analyses = environment.document("ANALYSES")
    return Settings(
        stage=os.environ["STAGE"],
        table_name=os.environ["TABLE_NAME"],
        pace_table_name=os.environ["PACE_TABLE"],
        results_bucket=os.environ["RESULTS_BUCKET"],
        queue_url=os.environ["QUEUE_URL"],
        dead_letter_queue_url=os.environ["DEAD_LETTER_QUEUE_URL"],
        keep=environment.keep(),
        routes={prefix: tuple(names) for prefix, names in analyses["routes"].items()},
        options=analyses["options"],
        per_second=analyses["per_second"],
    )
