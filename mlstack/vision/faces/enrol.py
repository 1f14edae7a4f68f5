"""`mlstack faces enrol`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import counted, printable
from mlstack.vision.faces.collection import Collection, person
from mlstack.vision.table import shown_names
from mlstack.vision.uploads import Verdict, VisionStage
from shared.analyses import ENROLMENT, person_of

LARGEST = 15 * 1024 * 1024
NOT_ALL_ENROLLED = 1
NO_FACE = "no face in it is large, sharp and frontal enough"


def _uploadable(_context: click.Context, _parameter: click.Parameter, photos: Sequence[Path]) -> Sequence[Path]:
    """Refuse what is no ordinary file, or more than Rekognition takes from S3."""
    for photo in photos:
        if not photo.is_file():
            message = f"{photo} is no ordinary file"
            raise click.BadParameter(message)
        if photo.stat().st_size > LARGEST:
            message = f"{photo} has {photo.stat().st_size:,} bytes; Rekognition takes at most {LARGEST:,}"
            raise click.BadParameter(message)
    return photos


@click.command(short_help="Teach a stage a person's face")
@click.argument("name", metavar="PERSON", callback=person)
@click.argument(
    "photos",
    metavar="PHOTO...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_uploadable,
)
@click.option(
    "--timeout", default=120, show_default=True, type=click.IntRange(1, 3600), help="Seconds to wait for the faces."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def enrol(name: str, photos: Sequence[Path], timeout: int, *, as_json: bool, target: Target) -> None:
    """Teach a stage a person's face: the largest one in each photo.

    The photos stay in the media bucket under the person's name; `mlstack faces forget` deletes them with the faces.
    Ends with 0 when every photo gave a face, with 1 when one did not.

    Example: mlstack faces enrol alice alice-1.jpg alice-2.jpg
    """
    Collection.find(target)  # says what is missing
    prefix = f"{place(target)}{name}/"
    vision = VisionStage.find(target)
    if person_of(vision.routes, f"{prefix}x/y") != name:
        message = f"the stage would not take {prefix} for the folder of {name}; look at [vision.images]"
        raise UserError(message)
    err.print(f"Uploading {counted(len(photos), 'photo')} to {prefix} of {target.shown}", markup=False)
    uploads = [vision.upload(photo, prefix) for photo in photos]
    verdicts = sorted(vision.verdicts(uploads, patience_s=timeout), key=lambda one: photos.index(one.photo))
    if as_json:
        sys.stdout.write(json.dumps([machine(one) for one in verdicts], ensure_ascii=False, indent=2) + "\n")
    else:
        out.print(table(verdicts, f"{name} in {target.shown}"))
    if not all(faces(verdict) for verdict in verdicts):
        sys.exit(NOT_ALL_ENROLLED)


def place(target: Target) -> str:
    """The prefix under which the stage enrols faces; raise UserError where it does not."""
    prefix = target.outputs("Vision").get("EnrolmentPrefix")
    if prefix is None:
        message = (
            f"{target.shown} enrols no faces; give a prefix of [vision.images] the analysis "
            f'"{ENROLMENT}" in its profile, such as "people/", and deploy it'
        )
        raise UserError(message)
    return prefix


def faces(verdict: Verdict) -> int:
    """How many faces a photo gave."""
    outcome = verdict.analyses.get(ENROLMENT)
    return outcome.count if outcome and outcome.status == "found" else 0


def reason(verdict: Verdict) -> str:
    """Why a photo gave no face."""
    outcome = verdict.analyses.get(ENROLMENT)
    if faces(verdict):
        return ""
    if outcome and outcome.status == "found":
        return NO_FACE
    return (outcome.reason if outcome else "") or verdict.reason or f"it is {verdict.status}"


def machine(verdict: Verdict) -> dict[str, Any]:
    """What came of a photo, as JSON has it."""
    return {
        "photo": str(verdict.photo),
        "object": verdict.uri,
        "faces": faces(verdict),
        "reason": reason(verdict) or None,
    }


def table(verdicts: Sequence[Verdict], title: str) -> Table:
    """The same as people read it."""
    shown = grid(escape(printable(title)))
    shown.add_column("photo", overflow="fold")
    shown.add_column("faces", justify="right")
    shown.add_column("reason", overflow="fold")
    for verdict, name in zip(verdicts, shown_names([one.photo for one in verdicts]), strict=True):
        cells = (name, str(faces(verdict)), reason(verdict))
        shown.add_row(*(escape(printable(cell)) for cell in cells))
    return shown
