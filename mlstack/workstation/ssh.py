"""`mlstack workstation ssh`."""

import os
import shlex
import sys

import click

from mlstack import target as targets
from mlstack.console import err
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.workstation import session
from mlstack.workstation.argument import name_argument
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.ssh_config import ssh_config

REMOTE_LINE = "mlstack.workstation.line"
"""Where click's context keeps what follows the double hyphen."""


class Remote(click.Command):
    """A command that leaves what follows a double hyphen alone, so that NAME may be left out before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the rest away before click reads it."""
        here = args.index("--") if "--" in args else len(args)
        ctx.meta[REMOTE_LINE] = " ".join(args[here + 1 :])
        return super().parse_args(ctx, args[:here])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Tell of it all the same."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


@click.command(cls=Remote, short_help="Log in to a workstation, or run a command there")
@name_argument
@click.option("--print", "prints", is_flag=True, help="Print the command that would do it instead of running it.")
@click.option("--config", "configures", is_flag=True, help="Print a block for ~/.ssh/config, for VS Code and scp.")
@click.option("--key", metavar="FILE", help="Your private SSH key, for --config.")
@targets.options
def ssh(name: str | None, target: Target, key: str | None, *, prints: bool, configures: bool) -> None:
    """Log in to workstation NAME by AWS's Session Manager, or run COMMAND there; no port of it is open.

    It needs the AWS CLI and its session-manager-plugin on this machine. As with ssh, COMMAND is read by a shell there.
    Session Manager does not hand over its exit code.

    Example: mlstack workstation ssh trainer -- nvidia-smi
    """
    line: str = click.get_current_context().meta[REMOTE_LINE]
    if configures and (prints or line):
        message = "--config goes with neither --print nor a command"
        raise click.UsageError(message)
    if key and not configures:
        message = "--key goes with --config"
        raise click.UsageError(message)
    found = Fleet.find(target).pick(name)
    login = found.login()
    machine = found.existing() if configures else found.running()
    if configures or prints:
        session.note_local(found)
    if configures:
        config = ssh_config(found, machine, login, key)
        sys.stdout.write(config.text)
        err.print(config.advice, markup=False)
        return
    shell = ["bash", "-l", "-c", f"cd; {line}"] if line else ["bash", "-c", "cd; exec bash -l"]
    words = session.command(found, machine, session.INTERACTIVE, {"command": session.as_login(login, shell)})
    if prints:
        sys.stdout.write(f"{shlex.join(words)}\n")
        return
    session.refuse_local(found)
    session.demand_tools()
    try:
        os.execvp(words[0], words)  # noqa: S606 (each word goes as it is; there is no shell)
    except OSError as error:
        message = f"the AWS CLI cannot be run: {error.strerror}"
        raise UserError(message) from error
