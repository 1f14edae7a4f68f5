"""`mlstack image build`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlstack import target as targets
from mlstack.console import err
from mlstack.errors import UserError
from mlstack.image import deployed
from mlstack.image.builds.building import Builds
from mlstack.image.builds.course import LOCAL_POLL_S, POLL_S, Course, Outcome, follow
from mlstack.image.builds.order import Order, deployed_names, orders, place_of
from mlstack.image.builds.wanted import Wanted, assembly_of, images_of, stack_of
from mlstack.target import Target
from mlstack.text import printable
from mlstack.training import view

FAILED = 1


@click.command(short_help="Build images in the account, without Docker here")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--no-follow", is_flag=True, help="Start the builds, and do not look on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON at the end.")
@click.option(
    "--assembly",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="What was synthesized.  [default: cdk.out; for the local AWS also what it deployed last, the newer one]",
)
@targets.options
def build(names: tuple[str, ...], assembly: Path | None, target: Target, *, no_follow: bool, as_json: bool) -> None:
    """Build the stage's images NAME, or all, as the last `cdk synth` says: by CodeBuild, in the account.

    An image's tag is a hash of all that it is made from: what is in ECR already is not built again, and a later deploy
    finds what was built. The stage must have been deployed once. Ends with 1 where a build fails, after its last lines.

    Example: mlstack image build training --stage team --aws
    """
    folder = assembly or assembly_of(target)
    stack = stack_of(folder, target)
    wanted = chosen(images_of(stack), names, str(folder))
    target.outputs(deployed.STACK)  # says what to do where it is not deployed
    found = deployed_names(target.account.client("cloudformation"), stack)
    ready = [one for one in wanted if all(name in found for name in one.needs)]
    for one in wanted:
        if one not in ready:
            said = f"{one.name} is not in the deployed stack {stack.name} yet; deploy the stage, which builds it too"
            if names:
                raise UserError(said)
            err.print(said, markup=False)
    place = place_of(target, stack)
    ordered = list(orders(stack, ready, place, found))
    s3 = target.account.client("s3")
    course = Course(
        builds=Builds.of(target.account),
        send=lambda order: order.source.send(s3, place.account),
        tell=lambda line: err.print(printable(line), markup=False),
        poll_s=LOCAL_POLL_S if target.account.is_local else POLL_S,
    )
    ended = _made(course, ordered, target, looks_on=not no_follow)
    if as_json:
        sys.stdout.write(json.dumps([machine(one) for one in ended], indent=2) + "\n")
    for outcome in ended:
        _tell_end(outcome, target)
    if not all(outcome.is_well for outcome in ended):
        sys.exit(FAILED)


def chosen(images: Sequence[Wanted], names: Sequence[str], where: str) -> list[Wanted]:
    """The images of those names, or all; raise UserError for a name of none."""
    known = {one.name: one for one in images}
    if not known:
        message = f"{where} has a stack of images without one; run `make synth` again"
        raise UserError(message)
    for name in names:
        if name not in known:
            raise deployed.unknown(name, known, where)
    return [one for name, one in known.items() if name in names or not names]


def machine(one: Outcome) -> dict[str, object]:
    """An outcome for machines."""
    look = one.look
    return {
        "image": one.order.name,
        "status": one.status,
        "uri": one.order.uri,
        "repository": one.order.repository,
        "tag": one.order.tag,
        "build": look.build.id if look else None,
        "reason": one.reason or None,
        "log": {"group": look.group, "stream": look.stream} if look and look.stream else None,
        "last_lines": list(one.lines),
    }


def _made(course: Course, ordered: Sequence[Order], target: Target, *, looks_on: bool) -> list[Outcome]:
    begun: list[Outcome] = []
    try:
        begun.extend(course.begin(order) for order in ordered)  # keeps what was begun before an interrupt
        if not looks_on:
            return begun
        with view.shown() as seen:
            return follow(course, begun, seen)
    except KeyboardInterrupt:
        if any(one.status == "started" for one in begun):
            err.print(f"what was started goes on; `{_again(target, begun)}` looks on again", markup=False)
        raise


def _again(target: Target, begun: Sequence[Outcome]) -> str:
    return target.command(" ".join(["image build", *(one.order.name for one in begun)]))


def _tell_end(one: Outcome, target: Target) -> None:
    if one.status == "started":
        err.print(f"{one.order.name}: `{_again(target, [one])}` looks on", markup=False)
    elif one.status == "built":
        err.print(f"{one.order.name}: built {printable(one.order.uri)}; the next deploy takes it", markup=False)
    elif one.status == "waits":
        err.print(f"{one.order.name}: {one.reason}; `{_again(target, [one])}` tries again", markup=False)
    elif one.status == "failed":
        for line in one.lines:
            err.print(f"  {line}", markup=False)
        err.print(f"{one.order.name}: {one.reason}", markup=False)
