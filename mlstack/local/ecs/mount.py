"""A container's paths and ports as this machine has them: a process has no file system and no network of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.report import NOT_RUNNABLE

FOREIGN = ("efsVolumeConfiguration", "dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration")
UNRUNNABLE = "ResourceInitializationError: {told}volume {name}; the local AWS has only a task's own volumes"


@dataclass(frozen=True, slots=True)
class Mounts:
    """Which folder stands for which path."""

    folders: Mapping[PurePosixPath, Path]

    @classmethod
    def of(cls, container: Mapping[str, Any], volumes: Mapping[str, Path]) -> "Mounts":
        """What a container's definition mounts of the task's volumes."""
        points = container.get("mountPoints") or ()
        return cls({PurePosixPath(point["containerPath"]): volumes[point["sourceVolume"]] for point in points})

    def word(self, said: str) -> str:
        """A word; a path in a volume becomes the one that it has here."""
        path = PurePosixPath(said)
        if not path.is_absolute() or ".." in path.parts:
            return said
        above = [point for point in self.folders if path.is_relative_to(point)]
        if not above:
            return said
        nearest = max(above, key=lambda point: len(point.parts))
        return str(self.folders[nearest] / path.relative_to(nearest))


def volumes(definition: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """A new folder for each volume of a task; CannotStartError for one that would be another's as well."""
    made: dict[str, Path] = {}
    for said in definition.get("volumes") or ():
        name = str(said["name"])
        if any(said.get(kind) for kind in FOREIGN) or (said.get("host") or {}).get("sourcePath"):
            raise CannotStartError(UNRUNNABLE.format(told=NOT_RUNNABLE, name=name))
        made[name] = folder / "volumes" / name
        made[name].mkdir(parents=True)
    return made


def value(said: str, mounts: Mounts, ports: Mapping[int, int]) -> str:
    """A variable's value; a declared port and a path in a volume become what they are here."""
    known = {str(declared): str(here) for declared, here in ports.items()}
    return known.get(said) or mounts.word(said)


def declared_ports(containers: Iterable[Mapping[str, Any]]) -> frozenset[int]:
    """Every port that a task's containers say they listen on."""
    mappings = (mapping for one in containers for mapping in one.get("portMappings") or ())
    return frozenset(int(mapping["containerPort"]) for mapping in mappings if "containerPort" in mapping)
