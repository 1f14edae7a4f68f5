"""Commands that a template lists for a shell: documents of Systems Manager and builds of CodeBuild."""

import re
from collections.abc import Iterator

import yaml

from checks.embedded import Embedded, values
from checks.symbols import Json, UnresolvableError

PARAMETER = re.compile(r"\{\{.*?\}\}")


def _structured(content: Json) -> Json:
    """A document as an object; JSON is YAML as well."""
    if not isinstance(content, str):
        return content
    try:
        loaded: Json = yaml.safe_load(content)
    except yaml.YAMLError as error:
        message = f"it is neither JSON nor YAML ({' '.join(str(error).split())})"
        raise UnresolvableError(message) from error
    return loaded


def document(place: str, content: Json) -> Iterator[Embedded]:
    """The shell commands of a Systems Manager document."""
    for action, step in _steps(_structured(content)):
        for commands in values(step, "runCommand"):
            # Systems Manager puts the parameters in before the shell sees anything
            script = PARAMETER.sub("parameter", _lines(commands))
            if "PowerShell" in action:
                yield Embedded(place, limit=f"{action} is no shell script")
            elif script.startswith("#!"):
                yield Embedded(place, script)
            else:
                yield Embedded(place, commands=script)


def _steps(value: Json) -> Iterator[tuple[str, Json]]:
    """Every step of a document with its action, in the old schema's form and the new one's."""
    match value:
        case {"action": str(action)}:
            yield action, value
        case dict():
            for name, part in value.items():
                yield from [(name, part)] if name.startswith("aws:") else _steps(part)
        case list():
            for part in value:
                yield from _steps(part)


def build(place: str, text: str) -> Iterator[Embedded]:
    """The commands of a build specification that lies in the template."""
    specification = _structured(text)
    if not isinstance(specification, dict):
        yield Embedded(place, limit=f"the build specification lies in {text}")
        return
    for commands in values(specification.get("phases"), "commands"):
        yield Embedded(place, commands=_lines(commands))


def _lines(commands: Json) -> str:
    return "\n".join(str(line) for line in commands) if isinstance(commands, list) else str(commands)
