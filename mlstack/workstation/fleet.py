"""All workstations of a stage, by its parameters and by the tags of machines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from catalogue.spelling import meant
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.workstation.machine import Machine
from mlstack.workstation.neighbours import WORKSTATIONS, stages_with
from mlstack.workstation.settings import Settings
from mlstack.workstation.workstation import PROJECT, Workstation, path

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client
    from mypy_boto3_ssm.client import SSMClient


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """All of a stage."""

    target: Target
    members: tuple[Workstation, ...]

    @classmethod
    def find(cls, target: Target) -> Self:
        """Find them by the stage's parameters, and by the tags of machines."""
        known = parameters(target.account.client("ssm"), target.stage)
        machines = tagged(target.account.client("ec2"), target.stage)
        names = sorted(known.keys() | {name for name, found in machines.items() if any(not m.is_gone for m in found)})
        return cls(
            target=target,
            members=tuple(
                _workstation(target, name, known.get(name, Kept()), machines.get(name, [])) for name in names
            ),
        )

    def pick(self, name: str | None) -> Workstation:
        """The one of that name, or the only one; raise UserError where that is none."""
        if not self.members:
            raise UserError(self.absence())
        names = ", ".join(one.shown_name for one in self.members)
        if name is None and len(self.members) > 1:
            message = f"{self.target.shown} has several workstations; name one of {names}"
            raise UserError(message)
        for one in self.members:
            if name in {None, one.name}:
                return one
        hint = meant(str(name), (one.name for one in self.members), "")
        message = f"{self.target.shown} has no workstation {printable(str(name))}; it has {names}"
        message += f"; {printable(hint)}" if hint else ""
        raise UserError(message)

    def gone(self, names: Iterable[str]) -> tuple[Workstation, ...]:
        """Those of some names that are deployed no more."""
        known = {one.name for one in self.members}
        return tuple(
            Workstation(target=self.target, name=name, settings=None, machine=None, is_deployed=False)
            for name in sorted(set(names) - known)
        )

    def absence(self) -> str:
        """What to do where there is none: name the stages of this account that have some."""
        others = [
            stage
            for stage in stages_with(self.target.account.client("ssm"), PROJECT, WORKSTATIONS)
            if stage != self.target.stage
        ]
        elsewhere = f"say --stage with one that has: {', '.join(others)}, or " if others else ""
        return (
            f"{self.target.shown} has no workstation; "
            f"{elsewhere}write [workstations.NAME] into its profile and deploy it"
        )


FIRST = 1
"""The version of a parameter that was never changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stage keeps of a workstation."""

    settings: Settings | None = None
    changed_at: datetime | None = None
    """None where they are still the first."""


def parameters(ssm: "SSMClient", stage: str) -> dict[str, Kept]:
    """The settings of each workstation that the stage knows."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path(stage))
    return {
        one["Name"].rpartition("/")[2]: Kept(
            Settings.read(one["Value"]), one.get("LastModifiedDate") if one.get("Version", 1) > FIRST else None
        )
        for page in pages
        for one in page["Parameters"]
    }


def tagged(ec2: "EC2Client", stage: str) -> dict[str, list[Machine]]:
    """The machines of each workstation, by their tags."""
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": "tag:project", "Values": [PROJECT]},
            {"Name": "tag:stage", "Values": [stage]},
            {"Name": "tag-key", "Values": ["workstation"]},
        ]
    )
    found: dict[str, list[Machine]] = {}
    for page in pages:
        for reservation in page["Reservations"]:
            for said in reservation["Instances"]:
                machine = Machine.read(said)
                found.setdefault(machine.tags["workstation"], []).append(machine)
    return found


def _workstation(target: Target, name: str, kept: Kept, machines: Iterable[Machine]) -> Workstation:
    first, *others = by_rank(machines) or (None,)
    return Workstation(
        target=target,
        name=name,
        settings=kept.settings,
        settings_at=kept.changed_at,
        machine=first,
        others=tuple(others),
    )


def by_rank(machines: Iterable[Machine]) -> list[Machine]:
    """Those that may run again: what CloudFormation made first, then what runs, then the newest."""
    alive = [machine for machine in machines if not machine.is_gone]
    return sorted(alive, key=_rank, reverse=True)


def _rank(machine: Machine) -> tuple[bool, bool, datetime, str]:
    return machine.is_deployed, machine.is_running, machine.launched_at, machine.id
