"""shellcheck over many scripts at once."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from checks import tool
from checks.report import Finding

# Below info there is only taste; info holds the unquoted variable (SC2086), the commonest fault of all
SEVERITY = "info"
FOUND = frozenset({0, 1})


@dataclass(frozen=True, slots=True)
class Script:
    """A shell script and where it comes from; ``before_line`` stands between the place and a line's number."""

    place: str
    text: str
    before_line: str = ":"
    first_line: int = 1

    def place_of(self, line: int) -> str:
        """Where a line of the text is."""
        return f"{self.place}{self.before_line}{line + self.first_line - 1}"


def lint(scripts: Iterable[Script]) -> list[Finding]:
    """The faults of all ``scripts``."""
    with TemporaryDirectory() as folder:
        written: dict[str, Script] = {}
        for number, script in enumerate(scripts):
            name = f"{number}.sh"
            # Bytes, so that a carriage return is still there to be found
            (Path(folder) / name).write_bytes(script.text.encode())
            written[name] = script
        if not written:
            return []
        arguments = ["--norc", "--format=json1", f"--severity={SEVERITY}", "--", *written]
        comments = json.loads(tool.output("shellcheck", arguments, cwd=Path(folder), accepted=FOUND))["comments"]
    order = list(written)
    comments.sort(key=lambda comment: (order.index(comment["file"]), comment["line"]))
    return [
        Finding(written[comment["file"]].place_of(comment["line"]), f"SC{comment['code']} {comment['message']}")
        for comment in comments
    ]
