"""`mlstack vision analyse`."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlstack import target
from mlstack.console import err, out
from mlstack.target import Target
from mlstack.text import counted
from mlstack.vision import drawing, film, table
from mlstack.vision.film import is_video
from mlstack.vision.uploads import ANALYSED, Verdict, VisionStage

PICTURES = (".png", ".jpg", ".jpeg")
NOT_ALL_ANALYSED = 1
LARGEST_BYTES = 64 * 1024 * 1024  # four times Rekognition's limit: what is a little too large is refused by the stage


def _drawable(context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a picture that could not be written, or would replace something, before anything is uploaded."""
    if path is None:
        return None
    if path.suffix.lower() not in PICTURES:
        message = f"{path} must end in {', '.join(PICTURES)}"
        raise click.BadParameter(message)
    if not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent}"
        raise click.BadParameter(message)
    if path.exists() and any(path.samefile(photo) for photo in context.params.get("photos", ())):
        message = f"{path} is one of the photos; name another file"
        raise click.BadParameter(message)
    if path.exists() and not context.params.get("force"):
        message = f"{path} is there already; name another file, or say --force"
        raise click.BadParameter(message)
    return path


def _uploadable(_context: click.Context, _parameter: click.Parameter, photos: Sequence[Path]) -> Sequence[Path]:
    """Refuse what is no ordinary file, or far beyond what could ever be analysed."""
    for photo in photos:
        if not photo.is_file():
            message = f"{photo} is no ordinary file"
            raise click.BadParameter(message)
        if is_video(photo):
            if photo.stat().st_size > film.LARGEST_BYTES:
                message = f"{photo} has {photo.stat().st_size:,} bytes; Rekognition takes videos of at most 10 GB"
                raise click.BadParameter(message)
        elif photo.stat().st_size > LARGEST_BYTES:
            message = f"{photo} has {photo.stat().st_size:,} bytes; Rekognition takes at most 15,728,640"
            raise click.BadParameter(message)
    return photos


@click.command(short_help="Upload photos or videos and show what is found in them")
@click.argument(
    "photos",
    metavar="PHOTO...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_uploadable,
    is_eager=True,
)
@click.option(
    "--prefix",
    help="Where to upload to.  [default: the profile's first for photos that enrols no faces, or for videos]",
)
@click.option(
    "--draw",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_drawable,
    help="Draw the boxes of photos into this picture.",
)
@click.option("--force", is_flag=True, is_eager=True, help="Let --draw replace a picture that is there.")
@click.option(
    "--timeout", default=120, show_default=True, type=click.IntRange(1, 3600), help="Seconds to wait for the results."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@target.options
def analyse(
    photos: Sequence[Path],
    prefix: str | None,
    draw: Path | None,
    timeout: int,
    target: Target,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Upload photos or videos to a deployed stage and show what its own function finds in them.

    What begins like an MP4 or MOV goes where the stage looks for videos; they take minutes, so raise --timeout.
    Ends with 0 when every one is analysed, with 1 when one was refused, failed or is late.

    Example: mlstack vision analyse holiday.jpg cat.png --draw boxes.png
    """
    del force  # it was heard when --draw was checked
    vision = VisionStage.find(target)
    places = dict.fromkeys(vision.place(photo, prefix) for photo in photos)
    err.print(f"Uploading to {' and '.join(places)} of {target.shown}", markup=False)
    verdicts = analysed(vision, photos, prefix, patience_s=timeout)
    if as_json:
        sys.stdout.write(json.dumps(table.machine(verdicts), ensure_ascii=False, indent=2) + "\n")
    else:
        out.print(table.table(verdicts, f"{target.shown[0].upper()}{target.shown[1:]}"))
        if target.account.is_local:
            out.print(table.CANNED, style="dim")
    if draw:
        draw_all(vision, verdicts, draw)
        err.print(f"drawn: {draw}", markup=False)
    if vision.acts_on_flagged and (flagged := sum(map(table.is_flagged, verdicts))):
        err.print(f"flagged: {flagged}; see `mlstack vision review list --stage {target.stage}`", markup=False)
    if any(verdict.status != ANALYSED for verdict in verdicts):
        sys.exit(NOT_ALL_ANALYSED)


def analysed(vision: VisionStage, photos: Sequence[Path], prefix: str | None, *, patience_s: float) -> list[Verdict]:
    """Upload all photos and videos, then wait for all verdicts; they come back in the order of the photos."""
    places = [vision.place(photo, prefix) for photo in photos]
    with err.status(f"Uploading {counted(len(photos), 'file')}") as status:
        uploads = [vision.upload(photo, place) for photo, place in zip(photos, places, strict=True)]
        found: list[Verdict] = []
        for verdict in vision.verdicts(uploads, patience_s=patience_s):
            found.append(verdict)
            status.update(f"Waiting for results: {len(found)} of {len(uploads)}")
    return sorted(found, key=lambda verdict: photos.index(verdict.photo))


def draw_all(vision: VisionStage, verdicts: Sequence[Verdict], picture: Path) -> None:
    """Draw every analysed photo with its boxes into one picture."""
    panels = [
        drawing.panel(verdict.photo, drawing.boxed(vision.results, verdict.analyses), table.summary(verdict))
        for verdict in verdicts
        if verdict.status == ANALYSED and not verdict.video
    ]
    if not panels:
        message = "no photo was analysed, so there is nothing to draw"
        raise click.ClickException(message)
    unfinished = picture.with_name(f".{picture.name}.{os.getpid()}{picture.suffix}")
    drawing.sheet(panels).save(unfinished)
    unfinished.replace(picture)
