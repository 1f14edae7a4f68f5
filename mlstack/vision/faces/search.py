"""`mlstack faces search` and `mlstack faces compare`: whose face is this, and is it the same one."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError
from rich.markup import escape

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.vision.faces import photo
from mlstack.vision.faces.collection import Collection
from mlstack.vision.sought import Percent

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

NOBODY = 1
MOST = 4096
USUAL = 80.0
"""Rekognition's own least similarity."""
PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Match:
    """One person whom a face looks like."""

    person: str
    similarity: float
    """The highest of the person's faces, in percent."""
    faces: int


@click.command(short_help="Say whom the largest face in a photo looks like")
@click.argument("content", metavar="PHOTO", type=PATH, callback=photo.readable)
@click.option("--min", "least", type=Percent(), default=USUAL, show_default=True, help="The least similarity.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def search(content: bytes, least: float, *, as_json: bool, target: Target) -> None:
    """Say whom the largest face in a photo looks like; the photo is uploaded nowhere.

    Ends with 0 when somebody is found, with 1 when nobody is.

    Example: mlstack faces search visitor.jpg --min 95
    """
    collection = Collection.find(target)
    found = matches(collection, content, least)
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2) + "\n")
    elif found:
        shown = grid(escape(printable(f"Known in {target.shown}")))
        shown.add_column("person", overflow="fold")
        for column in ("similarity", "faces"):
            shown.add_column(column, justify="right")
        for one in found:
            shown.add_row(escape(printable(one.person)), f"{one.similarity:.1f}", str(one.faces))
        out.print(shown)
    else:
        err.print(f"nobody with at least {least:g} percent similarity; a lower --min finds more", markup=False)
    if not found:
        sys.exit(NOBODY)


@click.command(short_help="Say whether two photos show the same face")
@click.argument("one", metavar="PHOTO", type=PATH, callback=photo.readable)
@click.argument("other", metavar="OTHER", type=PATH, callback=photo.readable)
@click.option("--min", "least", type=Percent(), default=USUAL, show_default=True, help="The least similarity.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a line.")
@targets.options
def compare(one: bytes, other: bytes, least: float, *, as_json: bool, target: Target) -> None:
    """Look for the largest face of one photo in another; nothing is uploaded or kept.

    Ends with 0 when it is there, with 1 when it is not.

    Example: mlstack faces compare passport.jpg selfie.jpg
    """
    rekognition: RekognitionClient = target.account.client("rekognition")
    try:
        answer: Mapping[str, Any] = rekognition.compare_faces(
            SourceImage={"Bytes": one}, TargetImage={"Bytes": other}, SimilarityThreshold=least
        )
    except ClientError as error:
        if reason := photo.unfit(error):
            message = f"the photos cannot be compared, in one of them: {reason}"
            raise UserError(message) from error
        raise
    similar = sorted((float(match["Similarity"]) for match in answer["FaceMatches"]), reverse=True)
    others = len(answer.get("UnmatchedFaces", ()))
    if as_json:
        sys.stdout.write(json.dumps({"similarities": similar, "other_faces": others}, indent=2) + "\n")
    elif similar:
        out.print(f"the same face, with {similar[0]:.1f} percent similarity", markup=False)
    else:
        out.print(f"no such face among {others}, with at least {least:g} percent similarity", markup=False)
    if not similar:
        sys.exit(NOBODY)


def matches(collection: Collection, content: bytes, least: float) -> list[Match]:
    """Whom the largest face looks like, the likest first; raise UserError where there is no face."""
    try:
        answer: Mapping[str, Any] = collection.rekognition.search_faces_by_image(
            CollectionId=collection.name, Image={"Bytes": content}, FaceMatchThreshold=least, MaxFaces=MOST
        )
    except ClientError as error:
        if reason := photo.unfit(error):
            message = f"the photo cannot be searched: {reason}"
            raise UserError(message) from error
        raise
    people: dict[str, list[float]] = {}
    for match in answer["FaceMatches"]:
        name = match["Face"].get("ExternalImageId", "(without a name)")
        people.setdefault(name, []).append(float(match["Similarity"]))
    found = [Match(name, max(alike), len(alike)) for name, alike in people.items()]
    return sorted(found, key=lambda one: (-one.similarity, one.person))
