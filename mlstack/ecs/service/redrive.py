"""`mlstack service redrive`."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.ecs.service.fleet import Fleet
from mlstack.ecs.service.reason import Reason, reason
from mlstack.ecs.service.service import Service
from mlstack.ecs.trouble import explained
from mlstack.target import Target
from mlstack.text import counted
from mlstack.training.launch import write
from mlstack.vision.dead_letters import DeadLetters, Letter, Moved
from mlstack.vision.redrive import NOT_ALL_MOVED, grouped, machine, moved, table

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LOOKED_AT = 1_000
AT_ONCE = 8


@click.command(short_help="Show why requests were given up, and send them again")
@click.argument("name", metavar="NAME")
@click.option("--yes", is_flag=True, help="Move them; without it nothing is changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
@explained
def redrive(name: str, target: Target, *, yes: bool, as_json: bool) -> None:
    """Show the requests that the service NAME has given up, with the reasons that can be known, and with --yes retry.

    What nobody could answer stays where it is: it would only wake the service. A message is deleted among the dead
    letters only once the queue has it.

    Example: mlstack service redrive sorter --yes
    """
    service = Fleet.find(target).pick(name)
    sqs = target.account.client("sqs")
    letters = DeadLetters(
        sqs=sqs, url=service.dead_letter_queue_url, uploads=service.queue_url, others=service.queue_url
    )
    there = letters.count()
    if yes:
        _move(service, letters, there, as_json=as_json)
    else:
        _plan(service, letters, there, as_json=as_json)


def _plan(service: Service, letters: DeadLetters, there: int, *, as_json: bool) -> None:
    """Show the letters by their reasons, and leave them where they are."""
    held: list[Letter] = []
    try:
        held.extend(letters.hold(LOOKED_AT))
        why = _reasons(service, held)
    finally:
        letters.give_back(held)
    going = sum(why[letter.number].goes_back for letter in held)
    groups = grouped(held, lambda letter: why[letter.number].shown)
    if as_json:
        reasons = [{**one, "goes_back": why[groups[one["reason"]][0].number].goes_back} for one in machine(groups)]
        write({"about": there, "looked_at": len(held), "would_move": going, "reasons": reasons})
    elif groups:
        out.print(table(groups, f"Dead letters of {service.name}, {service.target.shown}"))
    if not held and not there:
        err.print(f"{service.name} has no dead letters in {service.target.shown}", markup=False)
        return
    more = f" of about {there:,}" if there > len(held) else ""
    err.print(f"looked at {counted(len(held), 'dead letter')}{more} and moved none", markup=False)
    if going:
        again = service.command("redrive", "--yes")
        err.print(
            f"`{again}` sends {going:,} back to the queue, which wakes the service ({service.awake_price})",
            markup=False,
        )


def _move(service: Service, letters: DeadLetters, there: int, *, as_json: bool) -> None:
    """Move the letters that somebody can answer; exit with 1 where the queue did not take one."""
    done, kept = Moved(), [0]
    s3: S3Client = service.target.account.client("s3")

    def meant(letter: Letter) -> bool:
        goes = reason(s3, service, letter).goes_back
        kept[0] += not goes
        return goes

    looked_at = moved(letters, meant, done, LOOKED_AT)
    if as_json:
        write({**asdict(done), "kept": kept[0]})
    if not looked_at and not there:
        err.print(f"{service.name} has no dead letters in {service.target.shown}", markup=False)
        return
    stay = f"{kept[0]:,} stay, because nobody could answer them" if kept[0] else ""
    refused = f"{done.refused:,} were not taken" if done.refused else ""
    doubled = f"{done.doubled:,} lie in both queues" if done.doubled else ""
    more = f"there were about {there:,}, run it again" if there > looked_at else ""
    told = "; ".join(filter(None, [f"moved {done.moved:,} of {looked_at:,}", stay, refused, doubled, more]))
    err.print(told, markup=False)
    if done.refused:
        raise SystemExit(NOT_ALL_MOVED)


def _reasons(service: Service, letters: Iterable[Letter]) -> Mapping[str, Reason]:
    """Why each lies there, by its number; several are looked at beside each other."""
    s3: S3Client = service.target.account.client("s3")
    found = list(letters)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reasons = pool.map(lambda letter: reason(s3, service, letter), found)
        return {letter.number: why for letter, why in zip(found, reasons, strict=True)}
