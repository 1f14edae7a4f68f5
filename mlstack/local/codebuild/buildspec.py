"""A buildspec's commands with their variables filled in, and what the docker commands among them ask for."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mlstack.local.container.dockerfile import filled

PHASES = ("install", "pre_build", "build", "post_build")
ASSIGNMENT = re.compile(r"\w+=.*")
SEPARATORS = re.compile(r"\s*(?:&&|;|\n)\s*")
WITH_VALUE = frozenset(
    {"-f", "-t", "--build-arg", "--file", "--label", "--network", "--platform", "--progress", "--tag", "--target"}
)


class BuildspecError(Exception):
    """A buildspec that CodeBuild would refuse, or a docker command that the local AWS does not know."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a phase."""

    phase: str
    text: str
    words: tuple[str, ...]

    @property
    def docker(self) -> str:
        """What docker is told to do; nothing for another program."""
        return self.words[1] if len(self.words) > 1 and self.words[0] == "docker" else ""


@dataclass(frozen=True, slots=True)
class DockerBuild:
    """What `docker build` is asked for."""

    folder: str
    file: str
    tags: tuple[str, ...]
    push: bool = False
    arguments: dict[str, str] = field(default_factory=dict)


def commands(text: str, environment: Mapping[str, str]) -> list[Command]:
    """Every command in its order; raise BuildspecError for what is no buildspec."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        message = f"YAML_FILE_ERROR: {error}"
        raise BuildspecError(message) from error
    if not isinstance(said, dict) or not isinstance(said.get("phases"), dict):
        message = "YAML_FILE_ERROR: the buildspec has no phases"
        raise BuildspecError(message)
    values = {**_variables(said), **environment}
    return [command for phase in PHASES for command in _of_phase(phase, said["phases"].get(phase) or {}, values)]


def _variables(said: dict[str, Any]) -> dict[str, str]:
    variables = (said.get("env") or {}).get("variables") or {}
    return {str(name): str(value) for name, value in variables.items()}


def _of_phase(phase: str, said: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[Command]:
    for line in said.get("commands") or []:
        for text in SEPARATORS.split(re.sub(r"\\\n\s*", " ", str(line)).strip()):
            if text:
                yield Command(phase, filled(text, values), tuple(filled(word, values) for word in _words(text)))


def _words(text: str) -> list[str]:
    """A command's words, without the variables that are set before it."""
    try:
        words = shlex.split(text)
    except ValueError:  # a piece of something that only a shell understands
        words = text.split()
    while words and ASSIGNMENT.fullmatch(words[0]):
        words.pop(0)
    return words


def docker_build(words: tuple[str, ...]) -> DockerBuild:
    """What the words after `docker build` (or `docker buildx build`) say."""
    rest, places, tags, arguments, file, push = list(words), [], [], {}, "Dockerfile", False
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            places.append(word)
            continue
        option, equals, value = word.partition("=")
        if option in WITH_VALUE and not equals:
            value = rest.pop(0) if rest else ""
        if option in {"-t", "--tag"}:
            tags.append(value)
        elif option in {"-f", "--file"}:
            file = value
        elif option == "--build-arg":
            name, _, said = value.partition("=")
            arguments[name] = said
        push |= option == "--push"
    if len(places) != 1:
        message = f'"docker build" requires exactly 1 argument: {" ".join(words)}'
        raise BuildspecError(message)
    return DockerBuild(folder=places[0], file=file, tags=tuple(tags), push=push, arguments=arguments)
