"""`mlstack local`: the local AWS from the command line."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import click

from mlstack.console import err, out
from mlstack.local import CANNED, tables
from mlstack.local.aws import LocalAws
from mlstack.local.cdk import Tell
from mlstack.local.leftovers import Leftovers, Resource
from mlstack.local.next_step import next_steps
from mlstack.local.price_line import price_lines
from mlstack.local.profile import resolve
from mlstack.local.report import Gap
from mlstack.local.synthesis import home, synthesize
from mlstack.local.turn import turn
from mlstack.project import WORK
from mlstack.steps import step
from mlstack.text import printable


@click.group(short_help="An AWS on this machine: up, deploy, status, down")
def local() -> None:
    """An AWS on this machine: the real CDK CLI deploys to it, the deployed functions run in it.

    It costs nothing, needs no account, and refuses to start where real AWS could be reached.

    Example: mlstack local up && mlstack local deploy && mlstack local status
    """


@local.command(short_help="Start the local AWS in the background")
def up() -> None:
    """Start the local AWS in the background, unless it is up already.

    Example: mlstack local up
    """
    found = LocalAws.find(WORK)
    aws = found or LocalAws.start(WORK)
    said = "is up already" if found else "is up"
    out.print(f"The local AWS {said} at {aws.place.endpoint} (account {aws.place.account}, {aws.place.region}).")
    out.print("Next: mlstack local deploy")


@local.command(short_help="Deploy every stack with the real CDK CLI")
@click.option(
    "--profile", metavar="NAME|PATH", help="Profile in config/ or a path to one; the app's default if absent."
)
@click.option("--verbose", is_flag=True, help="Print every line of the CDK CLI.")
def deploy(profile: str | None, *, verbose: bool) -> None:
    """Synthesize, bootstrap and deploy every stack with the real CDK CLI; say what it would cost on AWS.

    Example: mlstack local deploy --profile sandbox
    """
    chosen = resolve(profile) if profile else None
    with turn(WORK, "deploy"):
        with step("Synthesize the stacks (cdk synth)") as tell:
            assembly = synthesize(WORK, chosen, _loud(tell, verbose=verbose))
        for line in price_lines(assembly):
            out.print(f"Price on AWS: {line}", markup=False)
        region, account = home(assembly)
        aws = LocalAws.start(WORK, region=region, account=account)
        with _explained(profile):
            _deploy(aws, verbose=verbose)
        for command in next_steps(assembly):
            out.print(f"Next: {command}", markup=False)


def _deploy(aws: LocalAws, *, verbose: bool) -> None:
    with step("Bootstrap the account (cdk bootstrap)") as tell:
        aws.bootstrap(_loud(tell, verbose=verbose))
    with step("Deploy the stacks (cdk deploy --all)") as tell:
        aws.deploy(_loud(tell, verbose=verbose))
    out.print(tables.stacks(aws.stacks()))
    _print_gaps(aws.gaps())


@contextmanager
def _explained(profile: str | None) -> Iterator[None]:
    """Say what an interrupt leaves: the stacks before it are new, those after it as they were."""
    try:
        yield
    except KeyboardInterrupt:
        chosen = f" --profile {shlex.quote(printable(profile))}" if profile else ""
        said = f"what is deployed stays; `mlstack local deploy{chosen}` goes on, `mlstack local down` takes it away"
        err.print(said, markup=False)
        raise


@local.command(short_help="Say what is up, what ran and what was skipped")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def status(*, as_json: bool) -> None:
    """Say what is up, which stacks are deployed, what ran and what was skipped.

    Example: mlstack local status --json
    """
    aws = LocalAws.find(WORK)
    if aws is None:
        if as_json:
            click.echo(json.dumps({"up": False}))
        else:
            out.print("The local AWS is not up. Next: mlstack local up")
        return
    stacks, facts, machines = aws.stacks(), aws.report(), aws.machines()
    if as_json:
        said = {"up": True, "endpoint": aws.place.endpoint, "stacks": stacks, "machines": machines, **facts}
        click.echo(json.dumps(said, indent=2))
        return
    out.print(f"The local AWS is up at {aws.place.endpoint} (account {aws.place.account}, {aws.place.region}).")
    out.print(tables.stacks(stacks))
    for told, table in (
        (facts["functions"], tables.functions),
        (facts["rekognition"], tables.rekognition),
        (facts["builds"], tables.builds),
        (facts["endpoints"], tables.endpoints),
        (facts["jobs"], tables.jobs),
    ):
        if told:
            out.print(table(facts))
    if machines:
        out.print(tables.machines(machines))
    _print_gaps([*facts["skipped"], *facts["unapplied"]])
    for trouble in (*facts["undelivered"], *facts["faults"]):
        err.print(f"Trouble: {trouble}", markup=False)
    out.print(f"Answers of {', '.join(CANNED)} are canned: they prove the wiring, not the model.")


@local.command(short_help="Destroy it all, say what is left, and stop")
def down() -> None:
    """Destroy what is deployed, say what is left, and stop the local AWS.

    Example: mlstack local down
    """
    with turn(WORK, "destroy"):
        _down()


def _down() -> None:
    aws = LocalAws.find(WORK)
    if aws is None:
        out.print("The local AWS is not up; nothing to do.")
        return
    try:
        kept = frozenset[Resource]()
        if (aws.cdk.assembly / "manifest.json").is_file():
            kept = aws.retained()
            with step("Destroy the stacks (cdk destroy --all)") as tell:
                aws.destroy(tell)
        _print_left(aws.leftovers(), kept)
    finally:
        aws.stop()  # it all lives in one process: whatever failed before, nothing of it stays
        out.print("The local AWS is stopped; with it everything in it is gone.")


def _loud(tell: Tell, *, verbose: bool) -> Tell:
    """Every line on the screen, where the person asked for it; else only what the step shows."""
    return (lambda line: err.print(f"  {line}", markup=False)) if verbose else tell


def _print_gaps(gaps: list[Gap]) -> None:
    out.print(tables.gaps(gaps) if gaps else "Skipped by the local AWS: nothing.")


def _print_left(left: Leftovers, kept: frozenset[Resource]) -> None:
    apart = [[one for one in left.resources if (one in kept) is wanted] for wanted in (True, False)]
    for title, found in zip(("Kept, as the profile says", "Left after the destroy"), apart, strict=True):
        if found:
            out.print(tables.resources(found, f"{title}: {len(found)}"))
    if not apart[1]:
        out.print("Left after the destroy: nothing.")
    if left.bootstrap:
        out.print(f"The CDK's bootstrap stack stays, as on AWS ({len(left.bootstrap)} resources).")
