"""What the function is told by its environment."""

import json
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from shared import environment

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
# A filter's * and ? stand for anything: they would find what belongs to others.
GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,254}")
QUEUE = re.compile(r"https?://[!-~]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Which cluster is watched, and for how long a task may run in it."""

    cluster: str
    groups: tuple[str, ...]
    """The groups of instances; none where the cluster has only Fargate."""
    family: str
    """The task definition of training runs; empty where there is none."""
    longest: timedelta
    queues: tuple[str, ...]
    """The URLs of the queues whose metrics are kept awake."""


@cache
def settings() -> Settings:
    """Read the environment once.

    Raises:
        KeyError: where a variable is missing.
        ValueError: where one says nothing that can be gone by.
    """
    cluster, family = os.environ["CLUSTER"], os.environ["FAMILY"]
    if not NAME.fullmatch(cluster) or (family and not NAME.fullmatch(family)):
        message = f"CLUSTER and FAMILY must be names, not {cluster!r} and {family!r}"
        raise ValueError(message)
    return Settings(
        cluster=cluster,
        groups=_listed("GROUPS", GROUP, "the names of groups"),
        family=family,
        longest=timedelta(hours=environment.amount("MAX_HOURS", os.environ["MAX_HOURS"])),
        queues=_listed("QUEUES", QUEUE, "the URLs of queues"),
    )


def _listed(variable: str, fits: re.Pattern[str], what: str) -> tuple[str, ...]:
    """A list, which may be empty."""
    told: object = json.loads(os.environ[variable])
    if not isinstance(told, list) or not all(isinstance(one, str) and fits.fullmatch(one) for one in told):
        message = f"{variable} must be a JSON list of {what}, not {told!r}"
        raise ValueError(message)
    return tuple(told)
