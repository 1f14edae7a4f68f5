"""`mlstack faces`."""

import click

from mlstack.vision.faces.enrol import enrol
from mlstack.vision.faces.forget import forget
from mlstack.vision.faces.people import people
from mlstack.vision.faces.search import compare, search


@click.group(short_help="Teach a stage faces, look for them, and forget them")
def faces() -> None:
    """Teach a stage people's faces, look for them, and forget them.

    Faces are biometric data: enrol only people who agreed, and forget them when they ask.

    Example: mlstack faces enrol alice alice.jpg
    """


for command in (enrol, search, compare, people, forget):
    faces.add_command(command)
