"""S3: many objects at a time, large ones in parts, and its errors in one line."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError
from s3transfer.subscribers import BaseSubscriber

from training.deadline import StoppedError
from training.place import Found, Place
from training.problem import ProblemError
from training.stop import Stop

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AT_ONCE = 16
DELETED_AT_ONCE = 1000
"""What S3 takes in one request."""
LOOK_S = 0.05
KINDS = {".gz": "application/gzip", ".json": "application/json", ".png": "image/png"}
KIND = "application/octet-stream"
CONNECT_S, READ_S, TRIES = 5, 60, 5
NEXT = {
    "AccessDenied": "the task's role may not do it, or there is no such object",
    "NoCredentialsError": "the task has no role",
    "NoSuchBucket": "there is no such bucket",
    "S3DownloadFailedError": "an object was put anew meanwhile; start the run again",
}
OTHERWISE = "look whether S3 can be reached from the task's subnets"
Manager = Any  # s3transfer ships no types


class Known(BaseSubscriber):
    """Tells a download what the list has told already, which saves a request for each object."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def on_queued(self, future: Any, **_: object) -> None:  # noqa: ANN401  # s3transfer ships no types
        """Tell it."""
        future.meta.provide_transfer_size(self._found.size)
        future.meta.provide_object_etag(self._found.etag)


class Objects:
    """The objects of S3. Every method raises ProblemError."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Objects":
        """In the task's region: of the two variables that ECS may set, boto3 itself looks at the first only."""
        region = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION") or None
        config = Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            max_pool_connections=2 * AT_ONCE,
            retries={"mode": "standard", "total_max_attempts": TRIES},
        )
        return cls(boto3.client("s3", region_name=region, config=config))

    def listed(self, place: Place) -> list[Found]:
        """All objects under a place."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix)
        with _said(str(place)):
            return [Found(one["Key"], one["Size"], one["ETag"]) for page in pages for one in page.get("Contents", [])]

    def read(self, place: Place, name: str) -> bytes:
        """A small object's content."""
        with _said(place.uri(name)):
            return self._client.get_object(Bucket=place.bucket, Key=place.key(name))["Body"].read()

    def fetch(self, place: Place, wanted: Mapping[Path, Found], stop: Stop) -> None:
        """Download each object to its file; raise StoppedError where the task is to end meanwhile."""
        with _said(str(place)), self._transfers() as transfers:
            begun = []
            for path, found in wanted.items():
                if stop.asked():
                    raise StoppedError
                path.parent.mkdir(parents=True, exist_ok=True)
                begun.append(transfers.download(place.bucket, found.key, str(path), subscribers=[Known(found)]))
            for one in begun:
                while not one.done():
                    if stop.asked():
                        raise StoppedError
                    time.sleep(LOOK_S)
                one.result()

    def send(self, place: Place, wanted: Mapping[str, Path]) -> None:
        """Upload each file to its name under a place; raise FileNotFoundError where one is gone meanwhile."""
        with _said(str(place)), self._transfers() as transfers:
            begun = [
                transfers.upload(
                    str(path), place.bucket, place.key(name), {"ContentType": KINDS.get(path.suffix, KIND)}
                )
                for name, path in wanted.items()
            ]
            for one in begun:
                one.result()

    def put(self, place: Place, name: str, content: bytes, kind: str) -> None:
        """Write a small object."""
        with _said(place.uri(name)):
            self._client.put_object(Bucket=place.bucket, Key=place.key(name), Body=content, ContentType=kind)

    def delete(self, place: Place, keys: Collection[str]) -> None:
        """Delete objects by their keys, all of which lie under a place."""
        if any(not key.startswith(place.prefix) for key in keys):
            raise ValueError(place)
        for start in range(0, len(keys), DELETED_AT_ONCE):
            some = [*keys][start : start + DELETED_AT_ONCE]
            with _said(str(place)):
                answer = self._client.delete_objects(
                    Bucket=place.bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
                )
            if errors := answer.get("Errors"):
                message = f"{place}: {errors[0].get('Code', 'Unknown')}: {len(errors)} objects cannot be deleted"
                raise ProblemError(message)

    @contextmanager
    def _transfers(self) -> Iterator[Manager]:
        """Transfers that are all given up where one fails."""
        with create_transfer_manager(self._client, TransferConfig(max_concurrency=AT_ONCE)) as manager:
            yield manager


@contextmanager
def _said(where: str) -> Iterator[None]:
    """Say in one line what AWS, or the way to it, has refused."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError, RetriesExceededError, S3DownloadFailedError) as error:
        code = str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
        told = code or type(error).__name__
        message = f"{where}: {told}: {NEXT.get(told, OTHERWISE)}"
        raise ProblemError(message) from error
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"{where}: {error.strerror or type(error).__name__}: {error.filename}; more disk, or other names"
        raise ProblemError(message) from error
