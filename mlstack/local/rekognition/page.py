"""Long answers in pages, with tokens that only fit where they were given out."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from mlstack.local.rekognition.failure import Code, RekognitionError

T = TypeVar("T")


def page(found: Sequence[T], size: int, token: str | None, owner: str) -> tuple[list[T], str | None]:
    """One page of what was found for ``owner``, and the token of the next if there is one."""
    start = _start(token, owner) if token else 0
    if start and start >= len(found):
        raise _misfit()
    end = start + size
    return list(found[start:end]), _token(end, owner) if end < len(found) else None


def _token(start: int, owner: str) -> str:
    return base64.urlsafe_b64encode(f"{start} {owner}".encode()).decode()


def _start(token: str, owner: str) -> int:
    try:
        number, _, named = base64.urlsafe_b64decode(token).decode().partition(" ")
        start = int(number)
    except (binascii.Error, ValueError) as error:
        raise _misfit() from error
    if named != owner:
        raise _misfit()
    return start


def _misfit() -> RekognitionError:
    return RekognitionError(Code.INVALID_PAGINATION_TOKEN, "Request has invalid Pagination Token")
