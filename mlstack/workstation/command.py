"""`mlstack workstation`: start, use, look at and stop the stage's GPU workstations."""

import click

from mlstack.workstation.jupyter import jupyter
from mlstack.workstation.keep_awake import keep_awake
from mlstack.workstation.ssh import ssh
from mlstack.workstation.start import start
from mlstack.workstation.status import status
from mlstack.workstation.stop import stop


@click.group(short_help="Start, use and stop the stage's GPU workstations")
def workstation() -> None:
    """Start, use and stop the stage's GPU workstations, which stop themselves, and see what they cost.

    Example: mlstack workstation start trainer
    """


for command in (status, start, ssh, jupyter, keep_awake, stop):
    workstation.add_command(command)
