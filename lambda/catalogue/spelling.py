"""What somebody meant who wrote a name that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60
_MOST = 3


def meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a sentence: which known names come near, or what to do where none does."""
    names = list(known)
    text = name[:_LONGEST].casefold()
    parts = [one for one in names if text and f"-{text}-" in f"-{one}-"]
    near = parts[:_MOST] or get_close_matches(text, names, n=1)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
