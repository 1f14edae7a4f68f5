"""S3's own list of a bucket, in place of asking for every page: for buckets with very many objects."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.vision.backfill.objects import ARCHIVES, Found, Place, version_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NEEDED = ("Key", "Size", "ETag")
DAMAGE = (csv.Error, EOFError, UnicodeError, KeyError, ValueError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """One report of S3 Inventory: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html."""

    place: Place
    bucket: str
    """Whose objects are listed."""
    columns: tuple[str, ...]
    files: tuple[Place, ...]

    @classmethod
    def read(cls, s3: "S3Client", place: Place) -> "Inventory":
        """Read its manifest.json; raise UserError where that is none, or of a form that cannot be read here."""
        try:
            told = json.loads(s3.get_object(Bucket=place.bucket, Key=place.path)["Body"].read())
            form = told["fileFormat"]
            bucket = told["destinationBucket"].rpartition(":")[2]
            found = cls(
                place=place,
                bucket=told["sourceBucket"],
                columns=tuple(name.strip() for name in told["fileSchema"].split(",")) if form == "CSV" else (),
                files=tuple(Place(bucket, file["key"]) for file in told["files"]),
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in {"NoSuchKey", "NoSuchBucket", "404"}:
                raise
            message = f"there is no {place.uri}; name the manifest.json of an S3 Inventory"
            raise UserError(message) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"{place.uri} is no manifest.json of an S3 Inventory: {error!r}"
            raise UserError(message) from error
        if form != "CSV":
            message = f"{place.uri} is in {form}, which needs libraries that mlstack does without; have it made in CSV"
            raise UserError(message)
        return found

    def require(self, *, bucket: str, versioned: bool, dates: bool) -> None:
        """Raise UserError where it lists another bucket, or leaves out a field without which nothing can be chosen."""
        if bucket != self.bucket:
            message = f"{self.place.uri} lists bucket {self.bucket}, not {bucket}; name the same bucket in both places"
            raise UserError(message)
        needed = [*NEEDED, *(["LastModifiedDate"] if dates else [])]
        # Without its version id an object would count as another than the one that was analysed at its upload.
        needed += ["VersionId", "IsLatest"] if versioned else []
        missing = [name for name in needed if name not in self.columns]
        if missing:
            all_versions = " for all versions" if "VersionId" in missing else ""
            message = (
                f"{self.place.uri} has no field {', '.join(missing)}; "
                f"have the inventory made{all_versions} with it, or leave --inventory out"
            )
            raise UserError(message)

    def objects(self, s3: "S3Client", prefix: str) -> Iterator[Found]:
        """The latest versions under a prefix, file by file; raise UserError where a file cannot be read."""
        for file in self.files:
            try:
                for row in self._rows(s3, file):
                    if _is_object(row) and (found := _found(row)).key.startswith(prefix):
                        yield found
            except DAMAGE as error:
                message = f"{file.uri} is damaged ({error!r}); wait for the next inventory, or leave --inventory out"
                raise UserError(message) from error

    def _rows(self, s3: "S3Client", file: Place) -> Iterator[Mapping[str, str]]:
        body = s3.get_object(Bucket=file.bucket, Key=file.path)["Body"]
        # Read as it arrives: a file holds up to three million rows.
        with gzip.GzipFile(fileobj=cast("Any", body)) as plain, io.TextIOWrapper(plain, "utf-8", newline="") as text:
            for cells in csv.reader(text, strict=True):
                yield dict(zip(self.columns, cells, strict=True))


def _is_object(row: Mapping[str, str]) -> bool:
    return row.get("IsLatest", "true") == "true" and row.get("IsDeleteMarker", "false") != "true"


def _found(row: Mapping[str, str]) -> Found:
    modified = row.get("LastModifiedDate", "")
    return Found(
        key=unquote_plus(row["Key"], errors="strict"),  # S3 encodes keys for CSV as it does in its listings
        size=int(row["Size"]),
        etag=row["ETag"].strip('"'),
        version_id=version_of(row.get("VersionId", "")),
        modified=datetime.fromisoformat(modified) if modified else None,
        archived=row.get("StorageClass") in ARCHIVES,
    )
