"""Places in S3 as requests name them."""

import re
from dataclasses import dataclass

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_LONGEST = 1024
"""Of what SageMaker takes as S3Uri, and of a key."""


@dataclass(frozen=True, slots=True)
class S3Uri:
    """A bucket and what a key begins with."""

    bucket: str
    key: str

    def __str__(self) -> str:
        """As AWS writes it."""
        return f"s3://{self.bucket}/{self.key}"


def parsed(text: str) -> S3Uri | None:
    """The place of a text such as s3://bucket/prefix/; None where it is none."""
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    plain = text.isprintable() and len(text.encode("utf-8", "replace")) <= _LONGEST
    return S3Uri(bucket, key) if scheme == "s3" and _BUCKET.fullmatch(bucket) and plain else None


def fault(text: str, buckets: tuple[str, ...]) -> str | None:
    """Why a text names no place that the stage's jobs may read; None where it does."""
    found = parsed(text)
    if found is None:
        return f"must be a place in S3 such as s3://{buckets[0]}/waste/train/"
    if found.bucket not in buckets:
        return (
            f"{found.bucket} is no bucket of this stage, and its jobs may read no other; "
            f"copy the data first: `aws s3 sync {found} s3://{buckets[0]}/{found.key}`"
        )
    if not found.key.strip("/"):
        return f"names the whole bucket; name a prefix in it, such as s3://{found.bucket}/waste/train/"
    return None
