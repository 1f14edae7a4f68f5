"""`mlstack service list`."""

import click

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.ecs.service.condition import Condition
from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.trouble import explained
from mlstack.target import Target
from mlstack.text import counted
from mlstack.training.launch import write
from mlstack.training.listing import Column, listing

COLUMNS = (
    Column("service", 0),
    Column("state", 0),
    Column("waiting", 1, right=True),
    Column("in hand", 1, right=True),
    Column("dead letters", 1, right=True),
    Column("idle price", 2),
    Column("price while awake", 2),
    Column("url", 3),
)


@click.command("list", short_help="Show the services and how they are")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
@explained
def list_services(target: Target, *, as_json: bool) -> None:
    """Show the services of a stage, whether they sleep, what waits for them, and what they cost.

    Example: mlstack service list
    """
    fleet = Fleet.find(target)
    found = [Condition.look(one) for one in fleet.members]
    if as_json:
        write([one.machine() for one in found])
    elif found:
        out.print(listing(f"Services of {target.shown}", COLUMNS, [one.row() for one in found]))
    for one in found:
        for fault in one.faults:
            err.print(f"{one.service.name}: not all of it can be seen: {fault}", markup=False)
        if one.dead and one.dead.all:
            command = one.service.command("redrive")
            number = counted(one.dead.all, "dead letter")
            err.print(f"{one.service.name} has {number}; `{command}` shows them", markup=False)
    for problem in fleet.unreadable.values():
        err.print(str(problem), markup=False)
