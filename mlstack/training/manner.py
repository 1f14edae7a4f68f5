"""How a command goes about a run, as options that all which start one share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """What a person wants to see of a run."""

    plan_only: bool = False
    follow: bool = True
    as_json: bool = False


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options; it gets them as ``manner``."""

    @click.option("--plan", "plan_only", is_flag=True, help="Send the data, show plan and price; start nothing.")
    @click.option("--no-follow", is_flag=True, help="Start it, and do not look on.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
    @wraps(command)
    def mannered(
        *,
        plan_only: bool,
        no_follow: bool,
        as_json: bool,
        **others: Any,  # noqa: ANN401 - the command's own options
    ) -> None:
        command(**others, manner=Manner(plan_only=plan_only, follow=not no_follow, as_json=as_json))

    return mannered
