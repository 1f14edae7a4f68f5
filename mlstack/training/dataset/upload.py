"""Sends the files of a folder to S3: each once, under a key that its content decides."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.training.dataset.folder import File

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

AT_ONCE = 8
LARGEST_WHOLE = 8 * 1024**2
"""What is larger is never in the memory as a whole."""
Sent = Callable[[File], None]


def missing(s3: "S3Client", bucket: str, prefix: str, files: Iterable[File]) -> list[File]:
    """The files that do not lie under a prefix yet."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    there = {(one["Key"], one["Size"]) for page in pages for one in page.get("Contents", ())}
    return [file for file in files if (f"{prefix}{file.key}", file.size) not in there]


def upload(s3: "S3Client", bucket: str, prefix: str, files: Iterable[File], sent: Sent) -> None:
    """Send files beside each other and tell of each; the first fault ends it, and what is sent stays for the next try.

    Raises:
        UserError: where a file is not what it was when it was looked at.
    """
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        for file in pool.map(lambda one: _put(s3, bucket, f"{prefix}{one.key}", one), files):
            sent(file)
    finally:
        pool.shutdown(cancel_futures=True)


def _put(s3: "S3Client", bucket: str, key: str, file: File) -> File:
    """Send one file; S3 itself sees that it has the digest."""
    if file.size > LARGEST_WHOLE:
        with file.path.open("rb") as content:
            if hashlib.file_digest(content, "sha256").digest() != file.digest:
                raise _changed(file)
            content.seek(0)
            s3.upload_fileobj(content, bucket, key)
        return file
    body = file.path.read_bytes()
    if hashlib.sha256(body).digest() != file.digest:
        raise _changed(file)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ChecksumSHA256=b64encode(file.digest).decode())
    return file


def _changed(file: File) -> UserError:
    return UserError(f"{printable(str(file.path))} was changed meanwhile; run the same command again")
