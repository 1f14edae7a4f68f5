"""A flagged object as a file, for the eyes of who decides."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.vision.review.reviews import Review

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})


def writable(context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that could not be written, or would replace something, before anything is downloaded."""
    if path and not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent}"
        raise click.BadParameter(message)
    if path and path.exists() and not context.params.get("force"):
        message = f"{path} is there already; name another file, or say --force"
        raise click.BadParameter(message)
    return path


def save(s3: "S3Client", review: Review, target: Path) -> None:
    """Download the flagged content, from quarantine if it is there; the whole file or nothing."""
    bucket, key = review.bucket, review.key
    version = {"VersionId": review.version_id} if review.version_id else {}
    if review.quarantined:
        bucket, _, key = review.quarantined.removeprefix("s3://").partition("/")
        version = {}
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        s3.download_file(bucket, key, str(unfinished), ExtraArgs=version)
        unfinished.replace(target)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in GONE:
            raise
        message = f"the object of review {review.number} is not there any more"
        raise UserError(message) from error
    finally:
        unfinished.unlink(missing_ok=True)
