"""A script that a template carries to a machine."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from checks.shell import Script
from checks.symbols import Json

SHELL = "#!/bin/sh\n"  # what runs commands that name no shell


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a template lets run: a script or bare commands; or why neither can be checked: a fault or only a limit."""

    place: str
    script: str = ""
    commands: str = ""
    fault: str = ""
    limit: str = ""

    @property
    def shell(self) -> Script:
        """The script for shellcheck, with the shell named."""
        if self.commands:
            return Script(self.place, SHELL + self.commands, ", line ", first_line=0)
        return Script(self.place, self.script, ", line ")


def values(value: Json, key: str) -> Iterator[Json]:
    """Every value under ``key``, however deep."""
    match value:
        case dict():
            for name, part in value.items():
                if name == key:
                    yield part
                else:
                    yield from values(part, key)
        case list():
            for part in value:
                yield from values(part, key)


def decoded(text: str) -> str | None:
    """The text in base64; None where it is not base64."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def encoded(place: str, text: str) -> Iterator[Embedded]:
    """The script that ``text`` holds in base64."""
    script = decoded(text)
    if script is None:
        yield Embedded(place, fault="the script is not base64, so the machine gets something else")
    else:
        yield Embedded(place, script)
