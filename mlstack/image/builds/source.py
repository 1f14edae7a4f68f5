"""What an image is built from: a folder of the assembly, sent to S3 as a zip where it does not lie there yet."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from mlstack.assembly import Stack
from mlstack.errors import UserError
from mlstack.image.builds.value import Scope

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file, so that the same content is the same zip."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A folder, or a finished zip, and where a build finds it."""

    path: Path
    bucket: str
    key: str

    @property
    def location(self) -> str:
        """As CodeBuild names it."""
        return f"{self.bucket}/{self.key}"

    def send(self, s3: "S3Client", account: str) -> bool:
        """Send it unless it is there; whether it was sent. The bucket must be of that account."""
        try:
            s3.head_object(Bucket=self.bucket, Key=self.key, ExpectedBucketOwner=account)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in ABSENT:
                raise
            s3.put_object(Bucket=self.bucket, Key=self.key, ExpectedBucketOwner=account, Body=packed(self.path))
            return True
        return False


def find(stack: Stack, said: object, scope: Scope, project: str) -> Source:
    """The asset that a template's location leads to; raise UserError where the assembly has none.

    It goes beside the assets of the CDK, under the name of the project that builds it: a project may read what its own
    template names and what lies there, and no other stack's code.
    """
    location = scope.value(said)
    for path, bucket, key in _assets(stack, scope):
        if f"{bucket}/{key}" == location:
            if not path.exists():
                message = f"{path} is not there, though {stack.template_path.name} needs it; run `make synth` again"
                raise UserError(message)
            return Source(path=path, bucket=bucket, key=f"{project}/{key}")
    message = f"{stack.template_path.parent} has no asset for {location}; run `make synth` again"
    raise UserError(message)


def packed(path: Path) -> bytes:
    """A folder as a zip, the same for the same content; a file as it is."""
    if path.is_file():
        return path.read_bytes()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(path).as_posix(), LONG_AGO)
            entry.external_attr = (file.stat().st_mode & 0xFFFF) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return data.getvalue()


def _assets(stack: Stack, scope: Scope) -> Iterator[tuple[Path, str, str]]:
    """Each asset's path, bucket and key."""
    manifest = stack.template_path.with_name(f"{stack.id}.assets.json")
    try:
        files: Mapping[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        for file in files.values():
            for there in file["destinations"].values():
                bucket, key = ({"Fn::Sub": there[part]} for part in ("bucketName", "objectKey"))
                yield manifest.parent / file["source"]["path"], scope.value(bucket), scope.value(key)
    except (AttributeError, OSError, ValueError, KeyError, TypeError) as error:
        message = f"{manifest} cannot be read ({error}); run `make synth` again"
        raise UserError(message) from error
