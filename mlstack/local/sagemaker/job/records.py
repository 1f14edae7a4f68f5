"""A transform job's objects cut into what is sent, and the answers put together again."""

import gzip
from collections.abc import Iterator
from enum import StrEnum

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import JobError

MEGABYTE = 1 << 20
NOT_SPLIT = "the local AWS cannot split {kind}: it knows Line and None"
TOO_LONG = "Too much data for max payload size"


class Strategy(StrEnum):
    """How many records go into one request."""

    MULTI = "MultiRecord"
    SINGLE = "SingleRecord"

    @property
    def written(self) -> str:
        """As containers and logs have it."""
        return {Strategy.MULTI: "MULTI_RECORD", Strategy.SINGLE: "SINGLE_RECORD"}[self]


class PayloadError(Exception):
    """An object with a record that is longer than a request may be."""


def opened(data: bytes, said: Json) -> bytes:
    """An object without its compression; PayloadError for what is none."""
    if said.get("CompressionType") != "Gzip":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise PayloadError(str(error)) from error


def requests(data: bytes, kind: str, strategy: Strategy, payload_mb: int) -> Iterator[bytes]:
    """What is sent for one object."""
    most = payload_mb * MEGABYTE or len(data) + 1
    if kind == "None":
        yield _fitting(data, most)
        return
    if kind != "Line":
        raise JobError(NOT_SPLIT.format(kind=kind))
    lines = [line for line in data.split(b"\n") if line]
    if strategy is Strategy.SINGLE:
        for line in lines:
            yield _fitting(line, most)
        return
    batch = b""
    for line in lines:
        _fitting(line, most)
        if batch and len(batch) + len(line) + 1 > most:
            yield batch
            batch = b""
        batch += line + b"\n"
    if batch:
        yield batch


def assembled(answers: list[bytes], how: str) -> bytes:
    """The answers for one object as one; ``Line`` ends each with a line's end."""
    if how == "Line":
        return b"".join(answer if answer.endswith(b"\n") else answer + b"\n" for answer in answers)
    return b"".join(answers)


def _fitting(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise PayloadError(TOO_LONG)
    return data
