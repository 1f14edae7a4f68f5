"""Checks that a kind of value is made of: a pattern, or a list of known names."""

import difflib
import re
from collections.abc import Callable, Iterable

from pydantic import AfterValidator


def matching(pattern: str, allowed: str) -> AfterValidator:
    """The whole value must match ``pattern``, else a person reads that it must be ``allowed``."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            message = f"must be {allowed}"
            raise ValueError(message)
        return value

    return AfterValidator(check)


def known(
    kind: str, *, example: str, names: Callable[[], Iterable[str]], is_known: Callable[[str], bool]
) -> AfterValidator:
    """The value must be one of ``names``; the nearest of them is suggested."""

    def check(value: str) -> str:
        if not is_known(value):
            guesses = difflib.get_close_matches(value, sorted(names()), n=1)
            message = f"must be {kind}, {f'did you mean {guesses[0]}?' if guesses else f'such as {example}'}"
            raise ValueError(message)
        return value

    return AfterValidator(check)
