"""`mlstack workstation stop`."""

import click
from botocore.exceptions import BotoCoreError, ClientError
from click.core import ParameterSource

from mlstack import target as targets
from mlstack.console import err
from mlstack.errors import UserError
from mlstack.journey import Ask, Move, travel
from mlstack.patience import Patience
from mlstack.steps import step
from mlstack.target import Target
from mlstack.text import printable
from mlstack.workstation.argument import name_argument, timeout_option
from mlstack.workstation.course import Seen, to_stopped
from mlstack.workstation.drive import Drive
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.machine import KEEP_AWAKE, Machine
from mlstack.workstation.spot import request_of
from mlstack.workstation.volume import Volume
from mlstack.workstation.workstation import Workstation


@click.command(short_help="Stop a workstation; what lies on its disk stays")
@name_argument
@click.option("--no-wait", is_flag=True, help="Ask for the stop, and do not wait for it.")
@click.option("--execute", is_flag=True, help="End a machine that cannot be stopped; wants NAME and --stage said.")
@timeout_option
@targets.options
def stop(name: str | None, timeout: int, target: Target, *, no_wait: bool, execute: bool) -> None:
    """Stop workstation NAME; what lies on its disk stays.

    A one-time Spot machine cannot be stopped, only terminated, which deletes its disk: that is shown, and done with
    --execute alone.

    Example: mlstack workstation stop trainer
    """
    said = click.get_current_context().get_parameter_source("stage")
    if execute and (said is not ParameterSource.COMMANDLINE or name is None):
        message = f"--execute wants the workstation's name and the stage said: NAME --stage {target.stage}"
        raise click.UsageError(message)
    found = Fleet.find(target).pick(name)
    machine = found.existing()
    drive = Drive(workstation=found, id=machine.id)
    request = request_of(found.ec2, machine, found.settings)
    is_end = request is not None and request.one_time
    if is_end and not execute:
        _plan(found, machine)
        return
    if not is_end and found.settings and found.settings.after_a_stop:
        err.print(f"{found.shown_name}: {found.settings.after_a_stop}", markup=False)
    if not is_end:
        _forget_wish(found, machine)
    ask, doing = (drive.terminate, "terminating") if is_end else (drive.stop, "stopping")
    if no_wait:
        _ask(found, drive, ask, doing)
    else:
        _ask_and_wait(found, drive, ask, doing, Patience(timeout))
    for other in found.others:
        err.print(
            f"{other.id}, launched by something else under the same name, is {other.state}; "
            f"`aws ec2 stop-instances --instance-ids {other.id} --region {found.region}` stops it",
            markup=False,
        )


def _forget_wish(found: Workstation, machine: Machine) -> None:
    """Take away that somebody wanted it awake: that was for the run that ends now."""
    if not machine.keep_awake_tag:
        return
    try:
        found.ec2.delete_tags(Resources=[machine.id], Tags=[{"Key": KEEP_AWAKE}])
    except (BotoCoreError, ClientError) as error:
        why = printable(" ".join(str(error).split()))
        off = found.command("keep-awake off")
        err.print(f"that it is kept awake could not be taken away: {why}; try `{off}`", markup=False)


def _plan(found: Workstation, machine: Machine) -> None:
    again = found.command("stop --execute")
    again += "" if "--stage" in again else f" --stage {found.target.stage}"
    err.print(
        f"{found.shown_name} is a one-time Spot machine ({machine.id}), which cannot be stopped: it would be "
        "terminated, and its disk, with all that lies on it, would be lost",
        markup=False,
    )
    err.print(f"to get a workstation again, {found.way_back}", markup=False)
    err.print(f"nothing was ended; `{again}` ends it, for good", markup=False)


def _ask(found: Workstation, drive: Drive, ask: Ask, doing: str) -> None:
    now = drive.seen()
    move = to_stopped(now, None)
    if move is Move.DONE:
        _tell(found, now)
    elif move is Move.WAIT or ask():
        shows = found.command("status")
        err.print(f"{found.shown_name} is {doing}; `{shows}` says when it has ended", markup=False)
    else:
        message = (
            f"workstation {found.shown_name} is {now.machine.state}, and AWS takes no stop now; "
            "say it again without --no-wait, and it is stopped as soon as that is possible"
        )
        raise UserError(message)


def _ask_and_wait(found: Workstation, drive: Drive, ask: Ask, doing: str, patience: Patience) -> None:
    now = drive.seen()
    if to_stopped(now, None) is not Move.DONE:
        with step(f"{doing.capitalize()} {found.shown_name}") as tell:
            now = travel(drive, to_stopped, ask, patience, tell)
    _tell(found, now)


def _tell(found: Workstation, now: Seen) -> None:
    if now.machine.is_gone:
        err.print(f"{found.shown_name} has no machine any more; {found.way_back}", markup=False)
        return
    settings = found.settings
    terminates = settings and settings.ends_by_terminating
    disk = "" if terminates else f"; price of its disk: {Volume.of(found.ec2, now.machine).price}"
    err.print(f"{found.shown_name} does not run: {now.status}{disk}", markup=False)
