"""What a job reads from S3: the objects that a data source names, and the files that they become."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import JobError
from mlstack.local.sagemaker.location import place

Client = Callable[[str], Any]
NO_OBJECTS = (
    'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in the '
    "selected region ({region}), that objects exist under that S3 prefix, and that the role "
    '"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)
"""AWS's own sentence: https://github.com/aws/amazon-sagemaker-examples/issues/2267"""
FAILED_DOWNLOAD = "ClientError: Data download failed:{why}"
CLASH = (
    "Cannot download {uri}, a previously downloaded file/folder clashes with it. Please check your s3 objects and "
    "ensure that there is no object that is both a folder as well as a file."
)
NOT_HERE = "the local AWS cannot read {what}: it reads S3 prefixes, objects and manifests"
NO_MANIFEST = 'the manifest at "{uri}" is no JSON list that begins with a prefix'


@dataclass(frozen=True, slots=True)
class Object:
    """One object, and the name that its file has."""

    bucket: str
    key: str
    name: str

    @property
    def uri(self) -> str:
        """Where it lies."""
        return f"s3://{self.bucket}/{self.key}"


def find(client: Client, source: Json) -> list[Object]:
    """The objects that a data source names, in their order; JobError for a source of another kind."""
    kind, uri = source.get("S3DataType", "S3Prefix"), str(source["S3Uri"])
    bucket, key = place(uri)
    if kind == "S3Prefix":
        return list(_below(client, bucket, key))
    if kind == "ManifestFile":
        return list(_listed(client, uri))
    raise JobError(NOT_HERE.format(what=kind))


def exists(client: Client, source: Json) -> bool:
    """Whether a data source names anything."""
    kind, (bucket, key) = source.get("S3DataType", "S3Prefix"), place(str(source["S3Uri"]))
    try:
        if kind == "S3Prefix":
            return bool(client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"))
        client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def fetch(client: Client, found: list[Object], folder: Path) -> None:
    """Write objects as files; JobError in AWS's words where that does not go."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in found:
        target = folder / one.name
        if PurePosixPath(one.name).is_absolute() or ".." in PurePosixPath(one.name).parts:
            raise JobError(FAILED_DOWNLOAD.format(why=f"{one.uri} has a key that leads out of its folder."))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in client("s3").get_object(Bucket=one.bucket, Key=one.key)["Body"].iter_chunks(1 << 20):
                    file.write(piece)
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise JobError(FAILED_DOWNLOAD.format(why=CLASH.format(uri=one.uri))) from error
        except OSError as error:  # a name too long for a file
            raise JobError(FAILED_DOWNLOAD.format(why=f"{one.uri}: {error.strerror}")) from error
        except ClientError as error:
            raise JobError(FAILED_DOWNLOAD.format(why=f"{one.uri}: {error}")) from error


def _below(client: Client, bucket: str, prefix: str) -> Iterator[Object]:
    """Every object whose key begins so; the folders' own markers are no files."""
    try:
        for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", []):
                if not one["Key"].endswith("/"):
                    yield Object(bucket, one["Key"], _name(one["Key"], prefix))
    except ClientError:
        return


def _name(key: str, prefix: str) -> str:
    """What a key is called below its prefix; the prefix may end within a name."""
    rest = key.removeprefix(prefix)
    if prefix and rest.startswith("/"):
        return rest.lstrip("/")
    return key[prefix.rfind("/") + 1 :] if prefix and not prefix.endswith("/") else rest


def _listed(client: Client, uri: str) -> Iterator[Object]:
    bucket, key = place(uri)
    try:
        said = json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        head, names = str(said[0]["prefix"]), [str(name) for name in said[1:]]
    except ClientError:
        return
    except (ValueError, LookupError, TypeError) as error:
        raise JobError(FAILED_DOWNLOAD.format(why=NO_MANIFEST.format(uri=uri))) from error
    for name in names:
        there, whole = place(head + name)
        yield Object(there, whole, name.lstrip("/"))
