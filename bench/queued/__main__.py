"""`python -m bench.queued`: months of requests under a service that sleeps, and beside one that is always on."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import click
from rich.console import Console

from bench.queued import ROOT
from bench.queued.assumptions import Assumptions
from bench.queued.figures import measure
from bench.queued.measured import measured
from bench.queued.months import MONTHS, month
from bench.queued.planned import planned
from bench.queued.policies import UnpricedError
from bench.queued.service import Service
from bench.queued.table import show
from bench.queued.template import TemplateError, deployed
from stacks.ecs_settings import Service as Settings


@click.command()
@click.option("--month", "only", type=click.Choice([*MONTHS]), help="One kind of month; all of them otherwise.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of what is drawn.")
@click.option(
    "--assembly",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of synthesized templates; cdk.out where it has a service, and else the settings' defaults.",
)
@click.option("--service", "name", help="Which of its services; the first otherwise.")
@click.option("--interruptions", type=click.FloatRange(0, 10), help="Of Spot, an hour and task.")
@click.option("--measure", "is_measured", is_flag=True, help="Measure the real inference server on this machine first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def main(  # noqa: PLR0913 (as many options as people need)
    only: str | None,
    seed: int,
    assembly: Path | None,
    name: str | None,
    interruptions: float | None,
    *,
    is_measured: bool,
    as_json: bool,
) -> None:
    """Simulate months of requests, and print how long they wait and what they cost, beside an instance always on."""
    assumed = Assumptions()
    if interruptions is not None:
        assumed = replace(assumed, interruptions_per_hour=interruptions)
    if is_measured:
        assumed = measured(assumed)
    try:
        service = _service(assembly, name)
        chosen = [only] if only else [*MONTHS]
        found = {one: measure(month(one, seed, assumed.answer_s), service, assumed, seed) for one in chosen}
    except (TemplateError, UnpricedError) as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        told = {
            "service": asdict(service),
            "assumed": asdict(assumed),
            "months": {one: {policy: asdict(each) for policy, each in rows.items()} for one, rows in found.items()},
        }
        sys.stdout.write(json.dumps(told, indent=2, default=sorted) + "\n")
        return
    show(found, service, assumed, Console())


def _service(assembly: Path | None, name: str | None) -> Service:
    if assembly or name:
        return deployed(assembly or ROOT / "cdk.out", name)
    try:
        return deployed(ROOT / "cdk.out")
    except TemplateError:
        return planned(Settings(), "the settings' defaults")


if __name__ == "__main__":
    main()
