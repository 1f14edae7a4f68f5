"""What the function is told by its environment."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Whose workflow it is, and who hears of it."""

    stage: str
    topic: str
    machine: str


@cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings(stage=os.environ["STAGE"], topic=os.environ["TOPIC_ARN"], machine=os.environ["STATE_MACHINE_ARN"])
