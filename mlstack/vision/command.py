"""`mlstack vision`: what the command line does with a deployed vision stack."""

import click

from mlstack.vision.analyse import analyse
from mlstack.vision.backfill.command import backfill
from mlstack.vision.backfill.manage import backfills
from mlstack.vision.find import find
from mlstack.vision.gallery.command import gallery
from mlstack.vision.redrive import redrive
from mlstack.vision.review.command import review


@click.group(short_help="Analyse images and videos, and find what is in them")
def vision() -> None:
    """Analyse images and videos with Rekognition, find what is in them, and look after the pipeline.

    Example: mlstack vision analyse holiday.jpg
    """


for command in (analyse, find, gallery, backfill, backfills, review, redrive):
    vision.add_command(command)
