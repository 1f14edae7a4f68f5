"""Fetches what a batch transform wrote."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rich.markup import escape

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.text import counted, printable
from mlstack.training.stage import Stage
from mlstack.vision.backfill.objects import Place

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def folder(path: Path) -> Path:
    """A folder that may be written into; raise UserError where something else lies there, or something in it."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        message = f"{printable(str(path))} is there already and not empty; name another folder"
        raise UserError(message)
    return path


def fetch(stage: Stage, uri: str, path: Path) -> int:
    """Write every object under a prefix into a folder and say how many; raise UserError where there is none."""
    s3: S3Client = stage.client("s3")
    place = Place.of(uri)
    prefix = place.path if place.path.endswith("/") or not place.path else f"{place.path}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=prefix)
    keys = [one["Key"] for page in pages for one in page.get("Contents", ()) if not one["Key"].endswith("/")]
    if not keys:
        message = f"nothing lies under {uri}"
        raise UserError(message)
    with err.status(escape(f"Fetching {counted(len(keys), 'file')}")):
        for key in keys:
            there = path.joinpath(*_parts(key.removeprefix(prefix)))
            there.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(place.bucket, key, str(there))
    return len(keys)


def _parts(key: str) -> list[str]:
    """A key as names of folders and a file, none of which leads out of where they are put."""
    parts = [printable(part, stand_in="_") for part in PurePosixPath(key).parts if part not in {"/", "."}]
    return ["_" if part == ".." else part for part in parts]
