"""All inference services of a stage, by its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from catalogue.spelling import meant
from mlstack.ecs import parameters
from mlstack.ecs.service.service import Service
from mlstack.ecs.told import UnreadableError
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """All of a stage."""

    target: Target
    members: tuple[Service, ...]
    unreadable: Mapping[str, UserError]
    """Why there is no more than a name of others."""

    @classmethod
    def find(cls, target: Target) -> Self:
        """Find them; raise UserError where the stage has none."""
        members, unreadable = [], {}
        for name, text in sorted(parameters.services(target).items()):
            try:
                members.append(Service.read(target, name, text))
            except UnreadableError as error:
                path = f"{parameters.services_path(target.stage)}{name}"
                unreadable[name] = parameters.unreadable(target, printable(path), error)
        if not members and not unreadable:
            raise parameters.absence(target, parameters.SERVICES)
        return cls(target=target, members=tuple(members), unreadable=unreadable)

    def pick(self, name: str) -> Service:
        """The one of a name; raise UserError where it is none, or cannot be read."""
        if name in self.unreadable:
            raise self.unreadable[name]
        for one in self.members:
            if name in {one.name, one.service}:
                return one
        names = sorted([*(one.name for one in self.members), *self.unreadable])
        hint = meant(name, names, "")
        message = f"{self.target.shown} has no service {printable(name)}; it has {', '.join(names)}"
        raise UserError(f"{message}; {printable(hint)}" if hint else message)
