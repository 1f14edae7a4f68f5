"""`mlstack image`: the project's own container images, and those that AWS publishes for SageMaker."""

import json
import sys
from datetime import UTC, date, datetime

import boto3
import click

from catalogue import images
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.image import listing
from mlstack.image.builds.command import build
from mlstack.image.run.command import run
from mlstack.image.stored.command import list_images
from mlstack.text import printable

DEFAULT_REGION = "us-east-1"


@click.group(short_help="Container images")
def image() -> None:
    """Build, list and run the project's own container images, and find those that AWS publishes for SageMaker.

    Example: mlstack image build inference
    """


@image.command(short_help="Show an image's address in a region, or all images")
@click.argument("name", required=False)
@click.option("--region", help="The region.  [default: your AWS configuration's, else us-east-1]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def uri(name: str | None, region: str | None, *, as_json: bool) -> None:
    """Show the address of an image in a region; without NAME, all images and until when AWS patches each.

    It asks nobody: the addresses come with the project. An address is all that is printed on standard output, for use
    in scripts; what is worth knowing about the image goes to standard error.

    Example: mlstack image uri xgboost --region eu-west-3
    """
    own = listing.own_address(name) if name else None
    if own:
        raise UserError(own)
    where = region if region is not None else configured_region()
    try:
        images.require_region(where)
        if name is None:
            _everything(where, as_json=as_json)
        else:
            _one(name, where, as_json=as_json)
    except images.ImageError as error:
        raise UserError(printable(str(error))) from error


def configured_region() -> str:
    """The region of the person's AWS configuration, or the default one."""
    return boto3.Session().region_name or DEFAULT_REGION


def today() -> date:
    """The day on which the question is asked."""
    return datetime.now(UTC).date()


def _one(name: str, region: str, *, as_json: bool) -> None:
    address, found = images.uri(name, region), images.image(name)
    if as_json:
        sys.stdout.write(json.dumps(listing.machine(found, region, today()), indent=2) + "\n")
    else:
        sys.stdout.write(f"{address}\n")
    if not found.is_patched(today()):
        err.print(f"{found.name} is {listing.state(found, today())}; it can still be pulled", markup=False)


def _everything(region: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(listing.everything(region, today()), indent=2) + "\n")
    else:
        out.print(listing.table(region, today()))


for command in (build, list_images, run):
    image.add_command(command)
