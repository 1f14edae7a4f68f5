"""Says, for the scripts, what stands in a workstation's settings: each on a line, and nothing that could harm them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FLAG = re.compile("true|false")
FORMS = {
    "login": re.compile("[a-z_][a-z0-9_-]{0,31}"),
    "python": re.compile("(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*"),
    "gpu": FLAG,
    "jupyter": FLAG,
}
"""How a setting must look. The path of a Python is empty where the image has none of its own."""


def lines(settings: Mapping[str, object], names: Sequence[str]) -> list[str]:
    """The settings of these names. One that is missing or has another form raises."""
    return [_line(name, settings.get(name)) for name in names]


def _line(name: str, value: object) -> str:
    text = json.dumps(value) if FORMS[name] is FLAG else value
    if not isinstance(text, str) or not FORMS[name].fullmatch(text):
        message = f"{name} is {json.dumps(value)[:80]}, which it cannot be; correct the profile and deploy again"
        raise ValueError(message)
    return text


def main(path: str, *names: str) -> int:
    """Print them, or in one line why not."""
    try:
        settings = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(settings, dict):
            message = "they are no object; correct the profile and deploy again"
            raise TypeError(message)  # noqa: TRY301 (it is told as the others are)
        told = lines(settings, names)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"mlstack: settings in {path}: {error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
