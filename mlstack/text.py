"""Names from elsewhere, made safe to show on a terminal or to use as part of a key."""


def printable(text: str, stand_in: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text with ``stand_in`` for every letter that would move a cursor, break a line or cannot be encoded."""
    return "".join(letter if letter.isprintable() else stand_in for letter in text)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun, in the plural where it is not one."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"
