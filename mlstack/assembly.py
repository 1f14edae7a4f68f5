"""A typed view of a cloud assembly (cdk.out): every reader of what is deployed starts here."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlstack.errors import UserError

STACK = "aws:cloudformation:stack"
NESTED = "cdk:cloud-assembly"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """One stack of the assembly, as CloudFormation will know it."""

    id: str
    name: str
    environment: str
    template: dict[str, Any]
    template_path: Path
    tags: dict[str, str] = field(default_factory=dict)
    depends_on: frozenset[str] = frozenset()
    metadata_path: Path | None = None
    """What was said of its constructs while it was synthesized."""

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The template's resources by logical id."""
        resources: dict[str, dict[str, Any]] = self.template.get("Resources", {})
        return resources

    def of_type(self, resource_type: str) -> dict[str, dict[str, Any]]:
        """The resources of one CloudFormation type by logical id."""
        return {name: body for name, body in self.resources.items() if body["Type"] == resource_type}


@dataclass(frozen=True, slots=True)
class Assembly:
    """All stacks of a cloud assembly, each after the stacks that it depends on."""

    stacks: tuple[Stack, ...]

    @classmethod
    def read(cls, folder: Path) -> "Assembly":
        """Read ``folder``; raise UserError where it holds no cloud assembly."""
        if not (folder / "manifest.json").is_file():
            message = f"{folder} holds no cloud assembly; run `make synth` first"
            raise UserError(message)
        return cls(_in_order(list(_stacks(folder))))


def metadata(stack: Stack) -> dict[str, Any]:
    """What was said of each construct of a stack, by its path; raise UserError where that cannot be read."""
    return _json(stack.metadata_path) if stack.metadata_path else {}


def _stacks(folder: Path) -> Iterator[Stack]:
    for name, artifact in _json(folder / "manifest.json", "artifacts").items():
        properties = artifact.get("properties", {})
        if artifact["type"] == NESTED:
            yield from _stacks(folder / properties["directoryName"])
        if artifact["type"] == STACK:
            path = folder / properties["templateFile"]
            said = artifact.get("additionalMetadataFile")
            yield Stack(
                id=name,
                name=properties.get("stackName", name),
                environment=artifact["environment"],
                template=_json(path),
                template_path=path,
                tags=properties.get("tags", {}),
                depends_on=frozenset(artifact.get("dependencies", ())),
                metadata_path=folder / said if said else None,
            )


def _json(path: Path, *keys: str) -> dict[str, Any]:
    """The JSON object in a file, or the one under ``keys`` in it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        for key in keys:
            found = found[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} cannot be read ({error}); run `make synth` again"
        raise UserError(message) from error
    if not isinstance(found, dict):
        message = f"{path} is not what the CDK writes; run `make synth` again"
        raise UserError(message)
    return found


def _in_order(stacks: list[Stack]) -> tuple[Stack, ...]:
    ordered: list[Stack] = []
    waiting = sorted(stacks, key=lambda stack: stack.id)
    while waiting:
        left = {stack.id for stack in waiting}
        ready = [stack for stack in waiting if not stack.depends_on & left]
        ordered += ready
        waiting = [stack for stack in waiting if stack not in ready]
        if not ready:
            names = ", ".join(sorted(left))
            message = f"the stacks {names} depend on each other; the assembly is damaged, run `make synth` again"
            raise UserError(message)
    return tuple(ordered)
