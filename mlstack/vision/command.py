"""`mlstack vision`: what the command line does with a deployed vision stack."""

import click

from mlstack.vision.analyse import analyse
from mlstack.vision.find import find


@click.group()
def vision() -> None:
    """Analyse images and videos with Rekognition, find what is in them, and look after the pipeline."""


for command in (analyse, find):
    vision.add_command(command)
