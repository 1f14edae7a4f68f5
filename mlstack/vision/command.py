"""`mlstack label`."""

import json
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


def _drawable(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a picture that could not be written, before anything is uploaded."""
    if path is not None and path.suffix.lower() not in PICTURES:
        message = f"{path} must end in {', '.join(PICTURES)}"
        raise click.BadParameter(message)
    if path is not None and not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent}"
        raise click.BadParameter(message)
    return path


@click.command()
@click.argument(
    "photos", metavar="PHOTO...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--stage", default="sandbox", show_default=True, help="The deployed stage.")
@click.option("--local", "where", flag_value="local", help="Use the local AWS.  [default where one is up]")
@click.option("--aws", "where", flag_value="aws", help="Use the real account of your AWS credentials.")
@click.option("--region", help="The region of a real account.  [default: your AWS configuration's]")
@click.option(
    "--draw",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_drawable,
    help="Draw the boxes into this picture.",
)
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
    as_json: bool,
) -> None:
    r"""Upload photos to a deployed stage and show the labels that its own function finds.

    Ends with 0 when every photo is labelled, with 1 when one was refused, failed or is late.

    \b
    Example: mlstack label holiday.jpg cat.png --draw boxes.png
    """
    chosen = account.choose(where, region)
    vision = VisionStage.find(chosen, stage)
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
    drawing.sheet(panels).save(target)
