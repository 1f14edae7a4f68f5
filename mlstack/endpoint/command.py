"""`mlstack predict`, and `mlstack endpoint`: ask the stage's endpoints, and look after them."""

import json
import sys
from collections.abc import Sequence

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.ecs import parameters
from mlstack.endpoint import asking, invocation, queue
from mlstack.endpoint import stage as endpoints
from mlstack.endpoint.condition import Condition
from mlstack.endpoint.endpoint import Endpoint, Kind
from mlstack.endpoint.photo import Photo
from mlstack.endpoint.verdict import Verdict
from mlstack.errors import UserError
from mlstack.patience import Patience
from mlstack.target import Target
from mlstack.text import counted, printable


@click.command(short_help="Ask an endpoint what is in photos")
@asking.whom_and_what
@click.option(
    "--timeout",
    type=click.IntRange(1, 7200),
    help="Seconds to wait while it wakes or is busy.  [default: 900 for one that can sleep, else 120]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def predict(name: str, photos: list[Photo], top: int, timeout: int | None, target: Target, *, as_json: bool) -> None:
    """Ask the endpoint NAME of a deployed stage what is in photos (JPEG or PNG).

    One that sleeps at zero instances is woken, which takes minutes. Ends with 0 when the model answered for every
    photo, with 1 when it refused one, failed or is late.

    Example: mlstack predict classifier examples/waste/compost-1.jpg
    """
    endpoint = _chosen(target, name)
    for photo in photos:
        photo.check(endpoint)
    verdicts: list[Verdict] = []
    try:
        _ask(target, endpoint, photos, Patience(timeout or endpoint.kind.patience_s), verdicts)
    finally:  # what is known, and paid for, is shown whatever came after it
        if verdicts:
            asking.show(verdicts, f"{endpoint.name}, {target.shown}", top, as_json=as_json)
    asking.end(verdicts)


def _chosen(target: Target, name: str) -> Endpoint:
    """The endpoint of that name; raise UserError that names the other command where it is a service on ECS."""
    try:
        return endpoints.find(target, name)
    except UserError as error:
        if not _is_service(target, name):
            raise
        other = target.command(f"service predict {name}")
        message = f"{name} is no endpoint but a service on ECS of {target.shown}; ask it with `{other} FILE...`"
        raise UserError(message) from error


def _is_service(target: Target, name: str) -> bool:
    """Whether the stage has one; no, where nobody can say."""
    try:
        return name in parameters.services(target)
    except (BotoCoreError, ClientError):
        return False


def _ask(
    target: Target, endpoint: Endpoint, photos: Sequence[Photo], patience: Patience, verdicts: list[Verdict]
) -> None:
    """Ask about all photos; the verdicts come into ``verdicts`` one by one, in the end in the order of the photos."""
    ask = queue.ask if endpoint.kind is Kind.ASYNCHRONOUS else invocation.ask
    title = f"Asking {endpoint.name} about {counted(len(photos), 'photo')}"
    with err.status(escape(title)) as status:
        aloud = asking.aloud()

        def tell(line: str) -> None:
            status.update(f"{escape(title)}: [dim]{escape(line)}[/]")
            aloud(line)

        verdicts.extend(ask(target, endpoint, photos, patience, tell))
    asking.sort(verdicts, photos)


@click.group(short_help="Look after the stage's endpoints")
def endpoint() -> None:
    """See how the endpoints of a deployed stage are, and what they cost.

    Example: mlstack endpoint list
    """


@endpoint.command("list", short_help="Show the stage's endpoints and how they are")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def list_(target: Target, *, as_json: bool) -> None:
    """Show the endpoints of a deployed stage, how they are, and what they cost awake and idle.

    Example: mlstack endpoint list
    """
    found = [Condition.look(target.account, one) for one in endpoints.of_stage(target)]
    if as_json:
        sys.stdout.write(json.dumps([one.machine() for one in found], ensure_ascii=False, indent=2) + "\n")
        return
    rows = grid(escape(f"Endpoints of {target.shown}"))
    for column in ("name", "kind", "status", "instances", "awake", "idle", "last change"):
        rows.add_column(column, overflow="fold")
    for one in found:
        rows.add_row(*(escape(printable(cell)) for cell in one.row()))
    out.print(rows)


@endpoint.command(short_help="Show how one endpoint is, and why")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def status(name: str, target: Target, *, as_json: bool) -> None:
    """Show how the endpoint NAME is, and why it is if it does not serve.

    Example: mlstack endpoint status classifier
    """
    found = Condition.look(target.account, endpoints.find(target, name))
    if as_json:
        sys.stdout.write(json.dumps(found.machine(), ensure_ascii=False, indent=2) + "\n")
        return
    rows = grid(escape(f"Endpoint {found.endpoint.name}, {target.shown}"))
    rows.add_column("what", no_wrap=True)
    rows.add_column("now", overflow="fold")
    for what, now in found.rows():
        rows.add_row(what, escape(printable(now)))
    out.print(rows)
