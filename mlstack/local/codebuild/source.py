"""A build's source: a zip in S3, unpacked."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

Client = Callable[[str], Any]
"""Gives a client of a service of the local AWS."""


class SourceError(Exception):
    """A source that cannot be had."""


def fetch(source: dict[str, Any], folder: Path, client: Client) -> None:
    """Unpack the source into a folder; raise SourceError where it is no zip in S3."""
    if source["type"] == "NO_SOURCE":
        return
    if source["type"] != "S3":
        message = f"the local AWS takes sources from S3, not from {source['type']}"
        raise SourceError(message)
    bucket, _, key = str(source.get("location", "")).removeprefix("arn:aws:s3:::").partition("/")
    try:
        data = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except (ClientError, BotoCoreError) as error:
        message = f"error while downloading s3://{bucket}/{key}: {error}"
        raise SourceError(message) from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder)  # it takes away what leads out of the folder
    except zipfile.BadZipFile as error:
        message = f"s3://{bucket}/{key} is no zip"
        raise SourceError(message) from error
