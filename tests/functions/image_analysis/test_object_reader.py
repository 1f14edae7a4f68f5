"""The reader: the object's own bytes, of the announced version, with few requests."""

import random

import pytest
from botocore.exceptions import ClientError

from image_analysis.analysing import RefusedError, inspect
from image_analysis.image_header import JPEG, Header
from image_analysis.object_reader import CHUNK, ObjectReader
from shared import clients
from shared.fault import Fault, fault_of, reason_of
from shared.object_version import ObjectVersion
from tests.functions.image_analysis.lab import MEDIA, UNVERSIONED, Lab
from tests.functions.image_analysis.pictures import jpeg, png, segment

MIB = 1024 * 1024


def upload(lab: Lab, content: bytes, bucket: str = MEDIA) -> ObjectVersion:
    return ObjectVersion.from_message(lab.upload("photos/a", content, bucket))


def test_ordinary_image_is_measured_with_one_request(lab: Lab) -> None:
    thing = upload(lab, jpeg(640, 480, exif=b"x" * 20_000, quality=95))

    header = inspect(thing, clients.s3())

    assert header == Header("JPEG", 640, 480)
    assert [call.parameters["Range"] for call in lab.cloud.calls] == [f"bytes=0-{CHUNK - 1}"]


def test_image_with_a_large_profile_is_measured_with_few_requests(lab: Lab) -> None:
    thing = upload(lab, jpeg(300, 200, icc_profile=bytes(3 * MIB)))

    header = inspect(thing, clients.s3())

    assert header == Header("JPEG", 300, 200)
    assert lab.count("GetObject") <= 7


@pytest.mark.parametrize(
    "pattern",
    [b"\xff", segment(0xE0), segment(0xE0, bytes(65_533)), segment(0xFE, b"\xff" * 33_000)],
    ids=["fill", "empty segments", "longest segments", "segments over half a chunk"],
)
def test_crafted_file_of_fifteen_megabytes_takes_few_requests(lab: Lab, pattern: bytes) -> None:
    thing = upload(lab, (JPEG + pattern * (15 * MIB // len(pattern)))[: 15 * MIB])

    with pytest.raises(RefusedError, match="ends or breaks"):
        inspect(thing, clients.s3())

    assert lab.count("GetObject") <= 9


def test_object_too_large_is_not_even_read(lab: Lab) -> None:
    thing = ObjectVersion(bucket=MEDIA, key="a", size=15 * MIB + 1, etag="e")

    with pytest.raises(RefusedError, match="15,728,641 bytes"):
        inspect(thing, clients.s3())

    assert lab.operations() == []


def test_reader_gives_the_bytes_of_the_object_at_any_place(moto_lab: Lab) -> None:
    content = random.Random(0).randbytes(4 * CHUNK)  # noqa: S311 (bytes that never repeat)
    thing = upload(moto_lab, content)
    places = (0, 2, CHUNK - 4, CHUNK * 2, 1, len(content) - 5, len(content), 10**9)
    warm = ObjectReader(clients.s3(), thing)

    pieces = [read(place, 9) for place in places for read in (warm, ObjectReader(clients.s3(), thing))]

    assert pieces == [content[place : place + 9] for place in places for _ in range(2)]


def test_read_of_a_versioned_object_names_its_version(moto_lab: Lab) -> None:
    old = upload(moto_lab, png(100, 100))
    upload(moto_lab, png(200, 200))

    header = inspect(old, clients.s3())

    asked = moto_lab.cloud.calls[0].parameters
    assert header == Header("PNG", 100, 100)
    assert (asked["VersionId"], "IfMatch" in asked) == (old.version_id, False)


def test_read_of_an_unversioned_object_asks_for_its_content(moto_lab: Lab) -> None:
    thing = upload(moto_lab, png(), UNVERSIONED)

    inspect(thing, clients.s3())

    asked = moto_lab.cloud.calls[0].parameters
    assert (asked["IfMatch"], "VersionId" in asked) == (f'"{thing.etag}"', False)


@pytest.mark.parametrize("bucket", [MEDIA, UNVERSIONED])
def test_object_deleted_before_it_is_read_is_gone(moto_lab: Lab, bucket: str) -> None:
    thing = upload(moto_lab, png(), bucket)
    version = {"VersionId": thing.version_id} if thing.version_id else {}
    moto_lab.hand("DeleteObject", Bucket=bucket, Key=thing.key, **version)

    with pytest.raises(ClientError) as gone:
        inspect(thing, clients.s3())

    assert fault_of(gone.value) is Fault.GONE
    assert reason_of(gone.value) == "the object was deleted before it was read"


def test_unversioned_object_overwritten_before_it_is_read_is_gone(moto_lab: Lab) -> None:
    thing = upload(moto_lab, png(100, 100), UNVERSIONED)
    upload(moto_lab, png(200, 200), UNVERSIONED)

    with pytest.raises(ClientError) as gone:
        inspect(thing, clients.s3())

    assert fault_of(gone.value) is Fault.GONE
    assert reason_of(gone.value) == "the object was overwritten before it was read"
