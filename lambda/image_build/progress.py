"""How far the making of an image has come, so that the next invocation need not begin anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(slots=True)
class Progress:
    """Of one request, however many invocations of the function wait for it."""

    build: str = ""
    """The build that is waited for, whose failure is then told and not repeated; empty while there is none."""
    failed: int = 0
    """How many builds ended without an image."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """What was told; raise ValueError where it is something else."""
        build, failed = told.get("Build"), told.get("Failed")
        if not isinstance(build, str) or type(failed) is not int or failed < 0:
            message = "no progress"
            raise ValueError(message)
        return cls(build, failed)

    def told(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {"Build": self.build, "Failed": self.failed}
