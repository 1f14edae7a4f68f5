"""How a profile's tables are made, and how a rule between its keys is broken."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class RuleError(ValueError):
    """A rule between keys is broken; names the key to change."""

    def __init__(self, reason: str, *, key: str, value: object) -> None:
        super().__init__(reason)
        self.key = key
        self.value = value


class Settings(BaseModel):
    """One table of the profile."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    REFUSED: ClassVar[Mapping[str, str]] = {}
    """Keys that a person may expect here, and why there is none."""
