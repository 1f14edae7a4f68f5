"""Property names as the APIs of some services write them: with a small letter first."""

from typing import Any


def lower(said: Any) -> Any:  # noqa: ANN401 - JSON
    """A property of CloudFormation as such an API writes it."""
    if isinstance(said, dict):
        return {name[0].lower() + name[1:]: lower(value) for name, value in said.items()}
    return [lower(one) for one in said] if isinstance(said, list) else said
