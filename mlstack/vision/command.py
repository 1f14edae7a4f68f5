"""`mlstack label`."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mlstack import account
from mlstack.console import err, out
from mlstack.vision import drawing, table
from mlstack.vision.labelling import Verdict, VisionStage

PICTURES = (".png", ".jpg", ".jpeg")
NOT_ALL_LABELLED = 1
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
    """Refuse what is no ordinary file, or far beyond what could ever be labelled."""
    for photo in photos:
        if not photo.is_file():
            message = f"{photo} is no ordinary file"
            raise click.BadParameter(message)
        if photo.stat().st_size > LARGEST_BYTES:
            message = f"{photo} has {photo.stat().st_size:,} bytes; Rekognition takes at most 15,728,640"
            raise click.BadParameter(message)
    return photos


@click.command()
@click.argument(
    "photos",
    metavar="PHOTO...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_uploadable,
    is_eager=True,
)
@click.option("--stage", default="sandbox", show_default=True, help="The deployed stage.")
@click.option("--local", "where", flag_value="local", help="Use the local AWS.  [default]")
@click.option("--aws", "where", flag_value="aws", help="Use the real account of your AWS credentials.")
@click.option("--region", help="The region of a real account.  [default: your AWS configuration's]")
@click.option(
    "--draw",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_drawable,
    help="Draw the boxes into this picture.",
)
@click.option("--force", is_flag=True, is_eager=True, help="Let --draw replace a picture that is there.")
@click.option(
    "--timeout", default=120, show_default=True, type=click.IntRange(1, 3600), help="Seconds to wait for the labels."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def label(
    photos: Sequence[Path],
    stage: str,
    where: account.Where | None,
    region: str | None,
    draw: Path | None,
    timeout: int,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Upload photos to a deployed stage and show the labels that its own function finds.

    Ends with 0 when every photo is labelled, with 1 when one was refused, failed or is late.

    Example: mlstack label holiday.jpg cat.png --draw boxes.png
    """
    del force  # it was heard when --draw was checked
    if region and where != "aws":
        message = "--region goes with --aws; the local AWS knows its own"
        raise click.UsageError(message)
    chosen = account.choose(where, region)
    vision = VisionStage.find(chosen, stage)
    err.print(f"Uploading to stage {stage} on {chosen.shown}", markup=False)
    verdicts = labelled(vision, photos, patience_s=timeout)
    if as_json:
        sys.stdout.write(json.dumps(table.machine(verdicts), ensure_ascii=False, indent=2) + "\n")
    else:
        out.print(table.table(verdicts, f"Stage {stage} on {chosen.shown}"))
        if chosen.is_local:
            out.print(table.CANNED, style="dim")
    if draw:
        draw_all(vision, verdicts, draw)
        err.print(f"drawn: {draw}", markup=False)
    if any(verdict.status != "labelled" for verdict in verdicts):
        sys.exit(NOT_ALL_LABELLED)


def labelled(vision: VisionStage, photos: Sequence[Path], *, patience_s: float) -> list[Verdict]:
    """Upload all photos, then wait for all verdicts; they come back in the order of the photos."""
    with err.status(f"Uploading {len(photos)} photos") as status:
        uploads = [vision.upload(photo) for photo in photos]
        found: list[Verdict] = []
        for verdict in vision.verdicts(uploads, patience_s=patience_s):
            found.append(verdict)
            status.update(f"Waiting for labels: {len(found)} of {len(uploads)}")
    return sorted(found, key=lambda verdict: photos.index(verdict.photo))


def draw_all(vision: VisionStage, verdicts: Sequence[Verdict], target: Path) -> None:
    """Draw every labelled photo with its boxes into one picture."""
    panels = [
        drawing.panel(verdict.photo, drawing.boxes(vision.response(verdict)), table.summary(verdict, most=3))
        for verdict in verdicts
        if verdict.status == "labelled"
    ]
    if not panels:
        message = "no photo was labelled, so there is nothing to draw"
        raise click.ClickException(message)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}{target.suffix}")
    drawing.sheet(panels).save(unfinished)
    unfinished.replace(target)
