"""`mlstack workstation status`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.errors import UserError
from mlstack.price import UNKNOWN
from mlstack.target import Target
from mlstack.text import printable
from mlstack.workstation.alarm import HEARTBEATS
from mlstack.workstation.argument import name_argument
from mlstack.workstation.disk import Disks
from mlstack.workstation.drift import drift_of
from mlstack.workstation.fleet import Fleet
from mlstack.workstation.image import image_of
from mlstack.workstation.machine import Machine
from mlstack.workstation.overview import overview
from mlstack.workstation.record import record
from mlstack.workstation.report import Report
from mlstack.workstation.spot import SpotRequest, assumed, request_of
from mlstack.workstation.switch_off import switch_off_of
from mlstack.workstation.volume import Volume
from mlstack.workstation.workstation import PROJECT, Workstation


@click.command(short_help="Show how the workstations are and what they cost")
@name_argument
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@targets.options
def status(name: str | None, target: Target, *, as_json: bool) -> None:
    """Show how workstation NAME is: what this run has cost, and when it stops itself; or all of the stage, in short.

    Disks that earlier machines have left behind are shown too, with what they cost.

    Example: mlstack workstation status
    """
    fleet = Fleet.find(target)
    left = Disks.left(target.account.client("ec2"), target.stage, PROJECT)
    every = (*fleet.members, *fleet.gone(left.names))
    chosen = every if name is None else [one for one in every if one.name == name] or [fleet.pick(name)]
    now = datetime.now(UTC)
    if not every and not as_json:
        unsure = f"; whether disks are left over is {UNKNOWN}: {left.fault}" if left.fault else ""
        message = f"{fleet.absence()}{unsure}"
        raise UserError(message)
    reports = [replace(_report(one, now), disks=left.of(one.name)) for one in chosen]
    if as_json:
        sys.stdout.write(json.dumps([record(report) for report in reports], ensure_ascii=True, indent=2) + "\n")
        return
    if name is None and not fleet.members:
        err.print(fleet.absence(), markup=False)
    if name is None and len(fleet.members) > 1:
        _show_briefly(reports)
    else:
        for report in reports:
            _show(report)
    disk = next((disk for report in reports for disk in report.disks.found), None)
    if disk:
        err.print(f"a disk that is left over bills until you delete it, for good: `{disk.deletion}`", markup=False)


def _show_briefly(reports: Sequence[Report]) -> None:
    target = reports[0].workstation.target
    out.print(overview(f"Workstations of {target.shown}", reports))
    for report in reports:
        shown_name = report.workstation.shown_name
        for what, value in report.strays():
            err.print(f"{shown_name}: {what}: {value}", markup=False)
        for disk in report.disks.found:
            err.print(f"{shown_name}: disk left over: {disk.shown}", markup=False)
    fault = reports[0].disks.fault
    if fault:
        err.print(f"whether disks are left over is {UNKNOWN}: {fault}", markup=False)
    err.print(f"more of one: `{target.command('workstation status NAME')}`", markup=False)


def _show(report: Report) -> None:
    workstation = report.workstation
    rows = grid(escape(f"Workstation {workstation.shown_name}, {workstation.target.shown}"))
    rows.add_column("what", no_wrap=True)
    rows.add_column("now", overflow="fold")
    for name, value in report.rows():
        rows.add_row(escape(printable(name)), escape(printable(value)))
    out.print(rows)
    if report.next_step:
        err.print(f"next: `{workstation.command(report.next_step)}`", markup=False)


def _report(found: Workstation, now: datetime) -> Report:
    """Look at a workstation; that something beside its state cannot be asked is part of the answer."""
    machine, account = found.machine, found.target.account
    if machine is None:
        return Report(workstation=found, now=now)
    beat, unheard = None, ""
    if machine.is_running:
        try:
            beat = HEARTBEATS.last(account.client("cloudwatch"), machine.id, now)
        except (BotoCoreError, ClientError) as error:
            unheard = " ".join(str(error).split())
    return Report(
        workstation=found,
        now=now,
        last_heartbeat=beat,
        unheard=unheard,
        request=_spot(found, machine),
        image=image_of(account.client("ssm"), machine, found.settings),
        drift=drift_of(found.ec2, machine),
        volume=Volume.of(found.ec2, machine),
        went_off=switch_off_of(account.client("cloudwatch"), machine),
    )


def _spot(found: Workstation, machine: Machine) -> SpotRequest | None:
    try:
        return request_of(found.ec2, machine, found.settings)
    except (BotoCoreError, ClientError) as error:
        return assumed(found.settings, f"{UNKNOWN}: {' '.join(str(error).split())}")
