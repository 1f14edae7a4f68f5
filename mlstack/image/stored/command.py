"""`mlstack image list`."""

import json
import sys

import click

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.image import deployed
from mlstack.image.stored import shown
from mlstack.image.stored.image import stored
from mlstack.target import Target


@click.command("list", short_help="List the stage's images, and what they cost")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def list_images(target: Target, *, as_json: bool) -> None:
    """List the images in the stage's repositories: how large they are, what a scan found, what their storage costs.

    An image is used where the deployed stack names it. The repositories delete old images by themselves.

    Example: mlstack image list --stage team --aws
    """
    ecr = target.account.client("ecr")
    region = ecr.meta.region_name
    found = stored(ecr, deployed.images(target))
    if as_json:
        sys.stdout.write(json.dumps([shown.machine(one, region) for one in found], indent=2) + "\n")
        return
    if not found:
        err.print(f"no image is kept; `{target.command('image build')}` builds what was synthesized last", markup=False)
        return
    out.print(shown.table(found, region, f"Images of {target.shown}"))
    most = shown.usd(shown.total(found, region))
    err.print(f"storage a month: {most} at the most; layers that images share are paid for once", markup=False)
