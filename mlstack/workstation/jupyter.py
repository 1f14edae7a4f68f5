"""`mlstack workstation jupyter`."""

import errno
import socket
import sys

import click

from mlstack import target as targets
from mlstack.console import err
from mlstack.errors import UserError
from mlstack.steps import step
from mlstack.target import Target
from mlstack.workstation import session
from mlstack.workstation.argument import name_argument
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.forward import forward
from mlstack.workstation.lab import PORT, lab_of

HERE = "127.0.0.1"


@click.command(short_help="Open a workstation's JupyterLab on this machine")
@name_argument
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535), help="The port here.")
@targets.options
def jupyter(name: str | None, port: int, target: Target) -> None:
    """Open workstation NAME's JupyterLab on this machine, until Ctrl-C, by AWS's Session Manager.

    It needs the AWS CLI and its session-manager-plugin on this machine. The address that it prints opens JupyterLab
    for whoever is on this machine, so do not pass it on.

    Example: mlstack workstation jupyter trainer
    """
    found = Fleet.find(target).pick(name)
    login = found.login()
    if not found.agreed().jupyter:
        message = (
            f"workstation {found.shown_name} has no JupyterLab; say jupyter = true in "
            f"[workstations.{found.shown_name}] and deploy it"
        )
        raise UserError(message)
    machine = found.running()
    session.refuse_local(found)
    session.demand_tools()
    check_free(port)
    with step(f"Asking {found.shown_name} for its JupyterLab"):
        lab = lab_of(found, machine, login)
    words = session.command(found, machine, session.FORWARD, {"portNumber": str(PORT), "localPortNumber": str(port)})

    def open_() -> None:
        sys.stdout.write(f"{lab.address(HERE, port)}\n")
        sys.stdout.flush()
        err.print("open until Ctrl-C; an open page keeps no workstation awake", markup=False)

    forward(words, open_)
    err.print(f"closed; {found.shown_name} runs on, until it is idle or `{found.command('stop')}`", markup=False)


def check_free(port: int) -> None:
    """Raise UserError where something listens on that port here, or this person may not."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HERE, port))
        except OSError as error:
            used = error.errno == errno.EADDRINUSE
            reason = "is in use on this machine" if used else f"cannot be opened here: {error.strerror}"
            message = f"port {port} {reason}; say another with --port {8889 if port == PORT else PORT}"
            raise UserError(message) from error
