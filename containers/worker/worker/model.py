"""Fetches the model before the server starts: from S3, unpacked, into the volume that both have."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import S3DownloadFailedError

from worker import archive, clients, log
from worker.archive import ArchiveError
from worker.place import Place
from worker.settings import ModelSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AT_ONCE = 8
NEXT = {
    "403": "the task's role may not read it, or it is not there",
    "404": "there is no such object; train a model first, or name another one",
    "NoSuchBucket": "there is no such bucket",
    "S3DownloadFailedError": "it was put anew meanwhile; start the task again",
}
OTHERWISE = "look whether S3 can be reached from the task's subnets"


class ModelError(Exception):
    """There is no model to serve; the message says what to do, in one line."""


def run(environment: Mapping[str, str]) -> int:
    """Do it; 0. Raise SettingsError and ModelError."""
    settings = ModelSettings.read(environment)
    try:
        size, files = fetch(clients.s3(environment, AT_ONCE), settings)
    except ArchiveError as error:
        message = f"MODEL_URI: {settings.source}: {error}"
        raise ModelError(message) from error
    except OSError as error:
        what = error.strerror or type(error).__name__
        message = (
            f"MODEL_DIR: {settings.folder}: {what}; a volume that user 10001 may write is needed, with room for it"
        )
        raise ModelError(message) from error
    log.write("model", source=str(settings.source), bytes=size, files=files)
    return 0


def fetch(s3: "S3Client", settings: ModelSettings) -> tuple[int, int]:
    """Put the model's files into the folder; the archive's bytes and how many files. Raise what may go wrong."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that a file is there whole or not at all; the rest of the container is read-only.
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=settings.folder) as scratch:
        packed, unpacked = Path(scratch) / "model.tar.gz", Path(scratch) / "model"
        size = _download(s3, settings, packed)
        files = archive.unpack(packed, unpacked, max_bytes=settings.max_bytes)
        for entry in sorted(unpacked.iterdir()):
            target = settings.folder / entry.name
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)  # of an earlier start in the same volume; a folder cannot be put over another
            entry.replace(target)
    return size, files


def _download(s3: "S3Client", settings: ModelSettings, target: Path) -> int:
    place = settings.source
    try:
        size = s3.head_object(Bucket=place.bucket, Key=place.key)["ContentLength"]
        free = shutil.disk_usage(target.parent).free
        if size > min(settings.max_bytes, free):
            message = (
                f"MODEL_URI: {place}: it has {size:,} bytes, and MODEL_DIR has room for {free:,}; "
                f"MAX_MODEL_BYTES is {settings.max_bytes:,}"
            )
            raise ModelError(message)
        s3.download_file(place.bucket, place.key, str(target), Config=TransferConfig(max_concurrency=AT_ONCE))
    except (Boto3Error, BotoCoreError, ClientError, S3DownloadFailedError) as error:
        raise ModelError(_reason(place, clients.code_of(error))) from error
    return int(size)


def _reason(place: Place, code: str) -> str:
    return f"MODEL_URI: {place}: {code}: {NEXT.get(code, OTHERWISE)}"
