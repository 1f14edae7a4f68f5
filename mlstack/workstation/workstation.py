"""A workstation of a stage: what the stage says of it, and the machine that it is now."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.workstation.machine import Machine
from mlstack.workstation.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

PROJECT = "mlstack"
UNTIL_THEN = "until then a deploy that changes its tags or its type fails, as EC2 knows the old one no more"
"""CloudFormation goes on counting on a machine that was terminated behind its back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workstation:
    """One workstation."""

    target: Target
    name: str
    settings: Settings | None
    """None where the stage does not say what it is."""
    machine: Machine | None
    """None where it has none, or none that will ever run again."""
    others: tuple[Machine, ...] = ()
    """What else goes by its name and may run: launched by hand, or anew by a Spot request."""
    settings_at: datetime | None = None
    """When the stage's word of what it is changed last, where it says so."""
    is_deployed: bool = True
    """Whether the stage knows it, or something of it may run; False where no more than its disks is left."""

    @property
    def ec2(self) -> "EC2Client":
        """EC2's client."""
        client: EC2Client = self.target.account.client("ec2")
        return client

    @property
    def region(self) -> str:
        """Where it is."""
        return self.ec2.meta.region_name

    @property
    def shown_name(self) -> str:
        """Its name, for people."""
        return printable(self.name)

    def command(self, words: str) -> str:
        """Another command for it, as a person types it."""
        verb, _, options = words.partition(" ")
        return self.target.command(f"workstation {verb} {shlex.quote(self.shown_name)}{options and ' '}{options}")

    @property
    def way_back(self) -> str:
        """How to get a machine again where there is none."""
        return (
            f"raise `edition` of [workstations.{self.shown_name}] in the stage's profile and deploy it: "
            f"that makes a new one, with a new disk; {UNTIL_THEN}"
        )

    def existing(self) -> Machine:
        """Its machine; raise UserError where it has none."""
        if self.machine is None:
            message = f"workstation {self.shown_name} has no machine any more: it was terminated; {self.way_back}"
            raise UserError(message)
        return self.machine

    def running(self) -> Machine:
        """Its machine; raise UserError where it does not run."""
        machine = self.existing()
        if not machine.is_running:
            message = f"workstation {self.shown_name} is {machine.state}; start it with `{self.command('start')}`"
            raise UserError(message)
        return machine

    def login(self) -> str:
        """Whom to log in as; raise UserError where nobody knows."""
        login = self.agreed().login
        if not login:
            message = f"workstation {self.shown_name} does not say whom to log in as; deploy the stage again"
            raise UserError(message)
        return login

    def agreed(self) -> Settings:
        """Its settings; raise UserError where nobody knows them."""
        if self.settings is None:
            message = (
                f"workstation {self.shown_name} has no settings that can be read in "
                f"{printable(path(self.target.stage))}{self.shown_name}; deploy the stage again"
            )
            raise UserError(message)
        return self.settings


def path(stage: str) -> str:
    """Where a stage keeps its workstations' settings."""
    return f"/{PROJECT}/{stage}/workstations/"
