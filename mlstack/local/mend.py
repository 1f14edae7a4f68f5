"""Replaces a piece of moto and makes sure that there is still such a piece to replace."""

import inspect
from typing import Any


class MotoChangedError(RuntimeError):
    """moto no longer has what the local AWS mends; pin the version that it was written for."""


def replace(owner: Any, name: str, new: Any) -> Any:  # noqa: ANN401 - it passes on whatever moto has there
    """Put ``new`` in the place of ``owner.name`` and return what was there; MotoChangedError if its shape differs."""
    where = f"{getattr(owner, '__name__', owner)}.{name}"
    old = getattr(owner, name, None)
    if old is None:
        message = f"moto no longer has {where}; the local AWS was written for moto 5.2"
        raise MotoChangedError(message)
    setattr(owner, name, new)
    before, after = _shape(old), _shape(getattr(owner, name))
    if before != after:
        message = f"{where} of moto takes {before}, the local AWS was written for {after}"
        raise MotoChangedError(message)
    return old


def _shape(thing: object) -> list[str] | None:
    if not callable(thing):
        return None
    return [str(parameter.kind) for parameter in inspect.signature(thing).parameters.values()]
