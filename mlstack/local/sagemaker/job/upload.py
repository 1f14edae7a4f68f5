"""What a job writes to S3: files one by one as they change, or all of them as one archive."""

import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from botocore.exceptions import ClientError

from mlstack.local.sagemaker.job.data import fetch, find
from mlstack.local.sagemaker.job.record import JobError
from mlstack.local.sagemaker.location import below, place

Client = Callable[[str], Any]
NOT_STORED = "ClientError: Artifact upload failed:{uri}: {why}"


class Mirror:
    """A prefix of S3 that is kept like a folder; what the folder loses stays in S3."""

    def __init__(self, client: Client, folder: Path, uri: str) -> None:
        self._client = client
        self._folder = folder
        self._uri = uri
        self._seen: dict[Path, tuple[int, int]] = {}

    def fill(self) -> None:
        """Bring what the prefix has into the folder."""
        fetch(self._client, find(self._client, {"S3Uri": below(self._uri, "")}), self._folder)
        self._seen = dict(self._files())

    def sync(self) -> int:
        """Bring what changed in the folder to S3; how many files that were."""
        changed = [(path, state) for path, state in self._files() if self._seen.get(path) != state]
        sent = 0
        for path, state in changed:
            try:
                with path.open("rb") as file:
                    put(self._client, below(self._uri, path.relative_to(self._folder).as_posix()), file)
            except FileNotFoundError:  # the container was faster
                continue
            self._seen[path] = state
            sent += 1
        return sent

    def _files(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for path in sorted(self._folder.rglob("*")):
            try:
                if path.is_file() and not path.is_symlink():
                    said = path.stat()
                    yield path, (said.st_mtime_ns, said.st_size)
            except FileNotFoundError:
                continue


def archive(client: Client, folders: Sequence[Path], uri: str) -> bool:
    """Pack what folders hold, the first one's files before the others', into a tar.gz; whether there was anything."""
    named = {path.relative_to(folder).as_posix(): path for folder in reversed(folders) for path in _in(folder)}
    if not named:
        return False
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
            for name, path in sorted(named.items()):
                tar.add(path, name, recursive=False)
        packed.seek(0)
        put(client, uri, packed)
    return True


def plain(client: Client, folders: Sequence[Path], uri: str) -> bool:
    """Bring some folders' files to a prefix as they are; whether there was anything."""
    return sum(Mirror(client, folder, uri).sync() for folder in reversed(folders)) > 0


def put(client: Client, uri: str, body: IO[bytes] | bytes) -> None:
    """Store one object; JobError where S3 does not take it."""
    bucket, key = place(uri)
    try:
        client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        raise JobError(NOT_STORED.format(uri=uri, why=error.response["Error"]["Message"])) from error


def _in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
