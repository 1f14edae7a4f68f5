"""The commands that the pages tell a reader to type: each must exist."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

import click

from checks.markdown import Page
from checks.report import Finding
from checks.repository import Repository

LANGUAGES = {"console", "bash", "sh", "shell", "shell-session"}
PROGRAMS = {"make", "mlstack", "cdk"}
WRAPPERS = {"uv", "run", "npx", "npm", "exec", "time", "sudo", "env", "--"}
ASSIGNMENT = re.compile(r"\w+=")
TARGETS = re.compile(r"^([^\s:=#.%][^:=#%]*):(?!=)", re.MULTILINE)
STOPS = re.compile(r"[;&|]+")
PLACEHOLDER = re.compile(r"[<{\[$…]|^[A-Z_]+$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A command in a page: where, and its words from the program on."""

    place: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What exists: the targets of the Makefile, the command line, the files of the repository."""

    targets: frozenset[str]
    command_line: click.Group
    repository: Repository

    def faults(self, mention: Mention) -> Iterator[Finding]:
        """What a mentioned command names in vain."""
        match list(mention.words):
            case ["make", *words]:
                faults = self._make(words)
            case ["mlstack", *words]:
                faults = self._mlstack(words)
            case ["cdk", *words]:
                faults = self._cdk(words)
            case _:
                return
        yield from (Finding(mention.place, fault) for fault in faults)

    def _make(self, words: list[str]) -> Iterator[str]:
        for word in words:
            named = not (word.startswith("-") or ASSIGNMENT.match(word) or PLACEHOLDER.search(word))
            if named and word not in self.targets:
                yield f"`make {word}`: the Makefile has no target {word}"

    def _mlstack(self, words: list[str]) -> Iterator[str]:
        command: click.Command = self.command_line
        path, queue = "mlstack", list(words)
        while queue:
            word = queue.pop(0)
            if word.startswith("-"):
                yield from _option(command, path, word, queue)
            elif isinstance(command, click.Group):
                found = command.get_command(click.Context(command), word)
                if found is None:
                    yield f"`{path} {word}`: {path} has no command {word}"
                    return
                command, path = found, f"{path} {word}"

    def _cdk(self, words: list[str]) -> Iterator[str]:
        for before, word in pairwise(words):
            name = word.removeprefix("profile=")
            if before not in {"-c", "--context"} or name == word or PLACEHOLDER.search(name):
                continue
            path = name if name.endswith(".toml") else f"config/{name}.toml"
            if path not in self.repository.files:
                yield f"`-c {word}`: {path} does not exist"


def mentions(pages: Sequence[Page]) -> list[Mention]:
    """Every command of the three programs, in code blocks of a shell and in code spans."""
    found: list[Mention] = []
    for page in pages:
        lines = [(line, text) for line, text in page.spans if text.split()[:1] and text.split()[0] in PROGRAMS]
        for block in page.blocks:
            if block.language in LANGUAGES:
                lines += _typed(block.line, block.code)
        for line, text in lines:
            found += (Mention(f"{page.path}:{line}", words) for words in _commands(text) if words[0] in PROGRAMS)
    return found


def targets(repository: Repository) -> frozenset[str]:
    """The targets of the Makefile."""
    text = repository.text("Makefile") if "Makefile" in repository.files else ""
    return frozenset(name for match in TARGETS.finditer(text) for name in match.group(1).split())


def _typed(line: int, code: str) -> Iterator[tuple[int, str]]:
    """The lines a person types: after a prompt, where there is one; continued lines are put together."""
    lines = code.splitlines()
    prompted = any(text.startswith("$ ") for text in lines)
    kept = ""
    for number, text in enumerate(lines, line):
        if prompted and not kept and not text.startswith("$ "):
            continue
        whole = kept + text.removeprefix("$ ")
        if whole.endswith("\\"):
            kept = whole[:-1] + " "
            continue
        kept = ""
        yield number, whole


def _commands(text: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # a quote that goes on in the next line
        words = text.split()
    command: list[str] = []
    for word in [*words, ";"]:
        if STOPS.fullmatch(word):
            if command:
                yield command
            command = []
        elif command or not (word in WRAPPERS or ASSIGNMENT.match(word)):
            command.append(word if command else PurePosixPath(word).name)


def _option(command: click.Command, path: str, word: str, queue: list[str]) -> Iterator[str]:
    name, equals, _ = word.partition("=")
    for parameter in command.get_params(click.Context(command)):
        if name in {*parameter.opts, *parameter.secondary_opts, "-h"}:
            takes_value = isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.count
            if takes_value and not equals and queue and name != "-h":
                queue.pop(0)
            return
    yield f"`{path} {name}`: {path} has no option {name}"
