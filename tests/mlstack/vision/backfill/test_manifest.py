"""A manifest of any size is one JSON array of batches, written in parts; it is there as a whole or not at all."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.vision.backfill.manifest import BATCH, Manifest
from mlstack.vision.backfill.objects import Found, Place
from tests.mlstack.vision.backfill.lab import RESULTS, Lab

KEY = "vision/backfill/x/manifest.json"
LEAST_PART = 5 * 1024 * 1024
INPUT_OF_A_STATE = 256 * 1024


def found(key: str) -> Found:
    """An object of a key."""
    return Found(key=key, size=1, etag="x" * 32, version_id="v" * 100, modified=None)


def many(number: int) -> Iterator[Found]:
    """Objects with long keys, made as they are asked for."""
    return (found(f"photos/{one:06}{'x' * 1_000}") for one in range(number))


def write_two_parts(lab: Lab) -> None:
    """Write a manifest that is sent in two parts."""
    with Manifest(lab.s3, Place(RESULTS, KEY), part_bytes=LEAST_PART) as manifest:
        manifest.write("media", many(6_000))
        manifest.commit()


class Shelf:
    """An S3 that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put_object(self, **asked: Any) -> None:  # noqa: ANN401 (an operation's parameters)
        """Keep a whole object."""
        self.kept[asked["Key"]] = asked["Body"]


@given(st.lists(st.text(min_size=1).filter(lambda text: text.isprintable() or "\n" in text), max_size=25))
def test_every_object_is_in_one_batch_in_its_order(keys: list[str]) -> None:
    shelf: Any = Shelf()

    with Manifest(shelf, Place(RESULTS, KEY)) as manifest:
        manifest.write("media", map(found, keys))
        manifest.commit()

    batches = json.loads(shelf.kept[KEY])
    assert [one["key"] for batch in batches for one in batch["objects"]] == keys
    assert {batch["bucket"] for batch in batches} <= {"media"}
    assert all(len(batch["objects"]) == BATCH for batch in batches[:-1])


@given(st.characters(min_codepoint=1, exclude_categories=["Cs"]))
def test_the_largest_batch_fits_the_input_of_a_state(letter: str) -> None:
    shelf: Any = Shelf()
    key = letter * (1024 // len(letter.encode()))

    with Manifest(shelf, Place(RESULTS, KEY)) as manifest:
        manifest.write("media", [found(key)] * BATCH)
        manifest.commit()

    assert len(shelf.kept[KEY]) < INPUT_OF_A_STATE / 2


def test_a_large_manifest_is_sent_in_parts_and_reads_as_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    real, sizes = lab.s3.upload_part, []

    def weigh(**asked: Any) -> Any:  # noqa: ANN401 (it stands for S3's own operation)
        sizes.append(len(asked["Body"]))
        return real(**asked)

    monkeypatch.setattr(lab.s3, "upload_part", weigh)

    with Manifest(lab.s3, Place(RESULTS, KEY), part_bytes=LEAST_PART) as manifest:
        manifest.write("media", many(10_005))
        manifest.commit()

    batches = json.loads(lab.s3.get_object(Bucket=RESULTS, Key=KEY)["Body"].read())
    assert sum(len(batch["objects"]) for batch in batches) == 10_005
    assert manifest.batches == len(batches) == 1_001
    assert len(sizes) == 3
    assert max(sizes) < LEAST_PART + 20_000


@pytest.mark.parametrize("operation", ["create_multipart_upload", "upload_part", "complete_multipart_upload"])
def test_a_fault_in_any_step_leaves_nothing_behind(lab: Lab, operation: str) -> None:
    error = ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, operation)
    lab.fail(lab.s3, operation, error)

    with pytest.raises(ClientError):
        write_two_parts(lab)

    assert lab.left() == []


def test_what_cannot_be_thrown_away_hides_no_earlier_fault(lab: Lab) -> None:
    first, second = (ClientError({"Error": {"Code": code, "Message": ""}}, "x") for code in ("First", "Second"))
    lab.fail(lab.s3, "complete_multipart_upload", first)
    lab.fail(lab.s3, "abort_multipart_upload", second)

    with pytest.raises(ClientError, match="First"):
        write_two_parts(lab)


def test_checksums_of_the_parts_are_handed_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    completed: list[dict[str, Any]] = []
    monkeypatch.setattr(
        lab.s3, "upload_part", lambda **_: {"ETag": '"e"', "ChecksumCRC32": "c", "ResponseMetadata": {}}
    )
    monkeypatch.setattr(lab.s3, "complete_multipart_upload", lambda **asked: completed.append(asked))

    with Manifest(lab.s3, Place(RESULTS, KEY), part_bytes=1) as manifest:
        manifest.write("media", many(10))
        manifest.commit()

    [asked] = completed
    assert asked["MultipartUpload"]["Parts"] == [
        {"PartNumber": number, "ETag": '"e"', "ChecksumCRC32": "c"} for number in (1, 2)
    ]
