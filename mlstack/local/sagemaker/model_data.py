"""A model's data: an archive or a prefix in S3, fetched into a folder once for each content."""

import hashlib
import io
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import ClientError

from mlstack.local.archive import unpack
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.location import place

Client = Callable[[str], Any]
NOT_THERE = "Could not find model data at {uri}."
NO_ARCHIVE = (
    'Failed to extract model data archive for container "primary" from URL "{uri}". '
    "Please ensure that the object located at the URL is a valid tar.gz archive."
)


class ModelDataError(Exception):
    """Model data that cannot be had, in AWS's words."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a container's model data lies."""

    uri: str
    bucket: str
    key: str
    archive: bool = True
    """A tar.gz; else an object as it is, or all those below a prefix."""

    @classmethod
    def of(cls, container: Json) -> Self | None:
        """What a container of a model, or of an inference component, says; nothing where it has no data."""
        uri = container.get("ModelDataUrl") or container.get("ArtifactUrl")
        archive = True
        if not uri and container.get("ModelDataSource"):
            said = container["ModelDataSource"]["S3DataSource"]
            uri, archive = said["S3Uri"], said["CompressionType"] != "None"
        if not uri:
            return None
        bucket, key = place(uri)
        return cls(uri, bucket, key, archive)

    def check(self, client: Client) -> None:
        """Raise ModelDataError where there is nothing."""
        if not self._objects(client):
            raise ModelDataError(NOT_THERE.format(uri=self.uri))

    def fetch(self, folder: Path, client: Client) -> Path:
        """The folder with the data, made where it is not there yet."""
        found = self._objects(client)
        if not found:
            raise ModelDataError(NOT_THERE.format(uri=self.uri))
        target = folder / hashlib.sha256(repr((self, found)).encode()).hexdigest()
        if not target.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=folder))
            try:
                self._fill(fresh, found, client)
                fresh.rename(target)
            except OSError:  # another thread was faster
                if not target.is_dir():
                    raise
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return target

    def _fill(self, folder: Path, found: dict[str, str], client: Client) -> None:
        for key in found:
            data = client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
            if self.archive:
                try:
                    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                        unpack(archive, folder)
                except (tarfile.TarError, EOFError, OSError) as error:
                    raise ModelDataError(NO_ARCHIVE.format(uri=self.uri)) from error
            else:
                name = key.removeprefix(self.key).lstrip("/") or Path(key).name
                place = (folder / name).resolve()
                if place.is_relative_to(folder.resolve()) and not name.endswith("/"):
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(data)

    def _objects(self, client: Client) -> dict[str, str]:
        """The ETag of each object by its key."""
        s3 = client("s3")
        try:
            if self.archive or not self.key.endswith("/"):
                head = s3.head_object(Bucket=self.bucket, Key=self.key)
                return {self.key: str(head["ETag"])}
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.key)
            return {one["Key"]: str(one["ETag"]) for page in pages for one in page.get("Contents", [])}
        except ClientError:
            return {}
