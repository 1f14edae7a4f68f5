"""A Dockerfile as a list of instructions, and the values of its variables."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

HEREDOC = re.compile(r"<<-?\s*[\"']?(?P<end>\w+)[\"']?")
VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::(?P<sign>[-+])(?P<other>[^}]*))?\}|(?P<plain>\w+))")


class DockerfileError(Exception):
    """A Dockerfile that Docker would refuse, or that says what this machine cannot do."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals and everything after it."""

    line: int
    name: str
    text: str

    def __str__(self) -> str:
        """As it is written, shortened."""
        return f"line {self.line}: {self.name} {self.text}"[:160]


def instructions(text: str) -> list[Instruction]:
    """Every instruction in its order; comments, continued lines and here-documents are taken care of."""
    found: list[Instruction] = []
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = _continued(line, lines)
        name, _, rest = whole.strip().partition(" ")
        for document in HEREDOC.finditer(rest):
            _skip_to(document["end"], lines)
        found.append(Instruction(number, name.upper(), rest.strip()))
    return found


def _continued(line: str, lines: Iterator[tuple[int, str]]) -> str:
    parts = [line]
    while parts[-1].rstrip().endswith("\\"):
        parts[-1] = parts[-1].rstrip()[:-1]
        following = next((text for _, text in lines if not text.lstrip().startswith("#")), "")
        parts.append(following)
    return " ".join(part.strip() for part in parts)


def _skip_to(end: str, lines: Iterator[tuple[int, str]]) -> None:
    for _, text in lines:
        if text.strip() == end:
            return


def words(instruction: Instruction) -> list[str]:
    """The arguments of COPY and its like: as JSON or separated by blanks."""
    listed = json_list(instruction.text)
    try:
        return listed if listed is not None else shlex.split(instruction.text)
    except ValueError as error:
        message = f"{instruction}: {error}"
        raise DockerfileError(message) from error


def json_list(text: str) -> list[str] | None:
    """The exec form of ENTRYPOINT and its like; nothing for the shell form."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, list) and all(isinstance(word, str) for word in said) else None


def pairs(instruction: Instruction) -> dict[str, str]:
    """The variables that ENV or ARG sets; ``ENV name value`` is the old way of saying one."""
    found = words(instruction)
    if instruction.name == "ENV" and found and "=" not in found[0]:
        return {found[0]: " ".join(found[1:])}
    return {name: value for name, _, value in (word.partition("=") for word in found)}


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables' values; one without a value becomes nothing."""

    def value(found: re.Match[str]) -> str:
        said = values.get(found["braced"] or found["plain"], "")
        if found["sign"] == "-":
            return said or found["other"]
        return found["other"] if found["sign"] == "+" and said else said if found["sign"] is None else ""

    return VARIABLE.sub(value, text)
