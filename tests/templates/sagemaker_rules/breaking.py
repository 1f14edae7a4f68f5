"""One way of breaking a good template, and the rules that it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.templates.sagemaker_rules.good import Json, Make

ABSENT = object()
"""Stands for a property that is taken away."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A good template with some of its values changed."""

    rule: str
    good: Make
    changes: Mapping[str, Any]
    """The new values, by their paths below Resources."""
    how: str = ""
    """What tells this way from others of breaking the same rule."""
    also: frozenset[str] = field(default=frozenset())
    """Other rules that cannot but break with it."""
    region: str | None = None

    @property
    def id(self) -> str:
        """The name of the test."""
        return f"{self.rule}:{self.how}" if self.how else self.rule

    def template(self) -> Json:
        """The broken template."""
        made = self.good()
        for path, value in self.changes.items():
            _put(made["Resources"], path.split("/"), value)
        return made


def _put(holder: Any, path: list[str], value: object) -> None:  # noqa: ANN401  # an object or a list of a template
    key: Any = int(path[0]) if isinstance(holder, list) else path[0]
    if len(path) > 1:
        if isinstance(holder, dict):
            holder.setdefault(key, {})
        _put(holder[key], path[1:], value)
    elif value is ABSENT:
        del holder[key]
    elif isinstance(holder, list) and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value
