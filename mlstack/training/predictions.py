"""Fetches what a batch transform wrote."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.text import counted, printable
from mlstack.training.runs import Run
from mlstack.training.stage import Stage
from mlstack.vision.backfill.objects import SCHEME, Place
from shared.training_run import TRANSFORM, job_name, run_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def folder(path: Path) -> Path:
    """A folder that may be written into; raise UserError where something else lies there, or something in it."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        message = f"{printable(str(path))} is there already and not empty; name another folder"
        raise UserError(message)
    return path


def left(stage: Stage, run: Run) -> str | None:
    """Where the predictions lie that a run wrote before it failed; None where it wrote none, or nobody can see it."""
    if "transform" not in run.request or run.model not in stage.models:
        return None
    prefix = f"{run_prefix(run.model, job_name(stage.target.stage, run.name))}{TRANSFORM}"
    s3: S3Client = stage.client("s3")
    try:
        found = s3.list_objects_v2(Bucket=stage.models_bucket, Prefix=prefix, MaxKeys=1)
    except (BotoCoreError, ClientError):  # why the run failed is said already
        return None
    return f"{SCHEME}{stage.models_bucket}/{prefix}" if found.get("Contents") else None


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
