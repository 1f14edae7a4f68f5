"""One photo: pinned, measured with few reads, labelled, and its full response kept."""

import json
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from image_labels import clients
from image_labels.fault import Fault, fault_of, reason_of
from image_labels.image_header import JPEG, Header
from image_labels.labelling import CHUNK, Labelled, ObjectReader, RefusedError, label
from image_labels.photo import Photo
from image_labels.settings import settings
from tests.functions.image_labels.lab import MEDIA, RESULTS, Lab
from tests.functions.image_labels.pictures import jpeg, png, segment

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

MIB = 1024 * 1024
RESPONSE: dict[str, Any] = {
    "Labels": [
        {"Name": "Café", "Confidence": 99.5, "Instances": [], "Parents": [{"Name": "Building"}]},
        {
            "Name": "Fox 🦊",
            "Confidence": 71.25,
            "Instances": [
                {"BoundingBox": {"Width": 0.5, "Height": 0.25, "Left": 0.0, "Top": 0.125}, "Confidence": 71.0}
            ],
        },
    ],
    "LabelModelVersion": "3.0",
    "OrientationCorrection": "ROTATE_0",
}


@pytest.fixture
def rekognition() -> "RekognitionClient":
    return boto3.client("rekognition")


@pytest.fixture
def script(rekognition: "RekognitionClient") -> Iterator[Stubber]:
    """What Rekognition answers, and what it must have been asked."""
    with Stubber(rekognition) as script:
        yield script
        script.assert_no_pending_responses()


def labelled(photo: Photo, rekognition: "RekognitionClient | None" = None) -> Labelled:
    return label(photo, s3=clients.s3(), rekognition=rekognition or clients.rekognition(), settings=settings())


def unversioned(lab: Lab, key: str, content: bytes) -> Photo:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Suspended"})
    return Photo.from_message(lab.upload(key, content))


def test_labelled_photo_returns_labels_header_and_the_place_of_its_document(
    lab: Lab, rekognition: "RekognitionClient", script: Stubber
) -> None:
    photo = Photo.from_message(lab.upload("photos/a b.jpg", jpeg(120, 90)))
    script.add_response("detect_labels", RESPONSE)

    done = labelled(photo, rekognition)

    assert done.labels == RESPONSE["Labels"]
    assert done.header == Header("JPEG", 120, 90)
    assert done.document == f"s3://results/labels/{photo.digest}.json"


def test_rekognition_is_asked_for_this_version_with_the_settings(
    lab: Lab, rekognition: "RekognitionClient", script: Stubber
) -> None:
    photo = Photo.from_message(lab.upload("photos/a+b%2F é.jpg", jpeg()))
    asked = {
        "Image": {"S3Object": {"Bucket": MEDIA, "Name": "photos/a+b%2F é.jpg", "Version": photo.version_id}},
        "MaxLabels": 25,
        "MinConfidence": 70.5,
    }
    script.add_response("detect_labels", RESPONSE, asked)

    labelled(photo, rekognition)  # the script checks what was asked


def test_rekognition_is_asked_without_a_version_where_there_is_none(
    lab: Lab, rekognition: "RekognitionClient", script: Stubber
) -> None:
    photo = unversioned(lab, "a.jpg", jpeg())
    asked = {"Image": {"S3Object": {"Bucket": MEDIA, "Name": "a.jpg"}}, "MaxLabels": 25, "MinConfidence": 70.5}
    script.add_response("detect_labels", RESPONSE, asked)

    labelled(photo, rekognition)  # the script checks what was asked


def test_document_is_the_full_response_as_utf8_json(
    lab: Lab, rekognition: "RekognitionClient", script: Stubber
) -> None:
    body = lab.upload("photos/ka\u0308se 😀.jpg", jpeg())
    script.add_response("detect_labels", RESPONSE | {"ResponseMetadata": {"RequestId": "1"}})

    labelled(Photo.from_message(body), rekognition)

    raw = lab.document(body)
    assert json.loads(raw) == {
        "object": "s3://media/photos/ka\u0308se 😀.jpg",
        "version": Photo.from_message(body).version,
        "response": RESPONSE,
    }
    assert "Fox 🦊".encode() in raw
    stored = lab.s3.head_object(Bucket=RESULTS, Key=f"labels/{Photo.from_message(body).digest}.json")
    assert stored["ContentType"] == "application/json"


def test_ordinary_photo_is_measured_with_one_request(lab: Lab) -> None:
    photo = Photo.from_message(lab.upload("a.jpg", jpeg(640, 480, exif=b"x" * 20_000, quality=95)))

    labelled(photo)

    assert [call.operation for call in lab.calls] == ["GetObject", "DetectLabels", "PutObject"]
    assert lab.calls[0].parameters["Range"] == f"bytes=0-{CHUNK - 1}"


def test_photo_with_a_large_profile_is_measured_with_few_requests(lab: Lab) -> None:
    photo = Photo.from_message(lab.upload("a.jpg", jpeg(300, 200, icc_profile=bytes(3 * MIB))))

    done = labelled(photo)

    assert done.header == Header("JPEG", 300, 200)
    assert lab.count("GetObject") <= 7


def test_read_of_a_versioned_photo_names_its_version(lab: Lab) -> None:
    old = Photo.from_message(lab.upload("a.png", png(100, 100)))
    lab.upload("a.png", png(200, 200))

    done = labelled(old)

    assert done.header == Header("PNG", 100, 100)
    assert lab.calls[0].parameters["VersionId"] == old.version_id
    assert "IfMatch" not in lab.calls[0].parameters


def test_read_of_an_unversioned_photo_asks_for_its_content(lab: Lab) -> None:
    photo = unversioned(lab, "a.png", png())

    labelled(photo)

    assert lab.calls[0].parameters["IfMatch"] == f'"{photo.etag}"'
    assert "VersionId" not in lab.calls[0].parameters


def test_unversioned_photo_overwritten_before_it_is_read_is_gone(lab: Lab) -> None:
    photo = unversioned(lab, "a.png", png(100, 100))
    lab.upload("a.png", png(200, 200))

    with pytest.raises(ClientError) as gone:
        labelled(photo)

    assert fault_of(gone.value) is Fault.GONE
    assert reason_of(gone.value) == "the object was overwritten before it was read"
    assert lab.count("DetectLabels") == 0


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_photo_deleted_before_it_is_read_is_gone(lab: Lab, status: Any) -> None:  # noqa: ANN401 (one of boto3's words)
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": status})
    photo = Photo.from_message(lab.upload("a.png", png()))
    if photo.version_id:
        lab.s3.delete_object(Bucket=MEDIA, Key="a.png", VersionId=photo.version_id)
    else:
        lab.s3.delete_object(Bucket=MEDIA, Key="a.png")

    with pytest.raises(ClientError) as gone:
        labelled(photo)

    assert fault_of(gone.value) is Fault.GONE
    assert reason_of(gone.value) == "the object was deleted before it was read"
    assert lab.count("DetectLabels") == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "not a JPEG or PNG: the content is unknown"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "not a JPEG or PNG: the content is a WebP file"),
        (jpeg()[:95], "a JPEG that ends or breaks before its size"),
        (png(79, 80), "the image is 79 x 80 pixels; Rekognition needs at least 80 on each side"),
        (png(10_001, 80), "the image is 10001 x 80 pixels; Rekognition takes at most 10,000 on each side"),
    ],
)
def test_hopeless_image_is_refused_before_rekognition_is_asked(lab: Lab, content: bytes, reason: str) -> None:
    photo = Photo.from_message(lab.upload("a.jpg", content))

    with pytest.raises(RefusedError) as refusal:
        labelled(photo)

    assert str(refusal.value) == reason
    assert [call.operation for call in lab.calls] == ["GetObject"][: len(content)]


@pytest.mark.parametrize(("width", "height"), [(80, 80), (10_000, 80), (80, 10_000)])
def test_image_on_the_edge_is_labelled(lab: Lab, width: int, height: int) -> None:
    photo = Photo.from_message(lab.upload("a.png", png(width, height)))

    assert labelled(photo).header == Header("PNG", width, height)


def test_photo_of_exactly_fifteen_megabytes_is_labelled_and_one_byte_more_is_not_even_read(lab: Lab) -> None:
    picture = jpeg()
    fits, too_large = (
        Photo.from_message(lab.upload(f"{size}.jpg", picture + bytes(size - len(picture))))
        for size in (15 * MIB, 15 * MIB + 1)
    )

    labelled(fits)
    with pytest.raises(RefusedError, match="15,728,641 bytes"):
        labelled(too_large)

    assert [call.operation for call in lab.calls] == ["GetObject", "DetectLabels", "PutObject"]


@pytest.mark.parametrize(
    "pattern",
    [b"\xff", segment(0xE0), segment(0xE0, bytes(65_533)), segment(0xFE, b"\xff" * 33_000)],
    ids=["fill", "empty segments", "longest segments", "segments over half a chunk"],
)
def test_crafted_file_of_fifteen_megabytes_takes_few_requests(lab: Lab, pattern: bytes) -> None:
    content = (JPEG + pattern * (15 * MIB // len(pattern)))[: 15 * MIB]
    photo = Photo.from_message(lab.upload("a.jpg", content))

    with pytest.raises(RefusedError, match="ends or breaks"):
        labelled(photo)

    assert lab.count("GetObject") <= 9


def test_reader_gives_the_bytes_of_the_object_at_any_place(lab: Lab) -> None:
    content = random.Random(0).randbytes(4 * CHUNK)  # noqa: S311 (bytes that never repeat)
    photo = Photo.from_message(lab.upload("a.bin", content))
    places = (0, 2, CHUNK - 4, CHUNK * 2, 1, len(content) - 5, len(content), 10**9)
    warm = ObjectReader(clients.s3(), photo)

    pieces = [read(place, 9) for place in places for read in (warm, ObjectReader(clients.s3(), photo))]

    assert pieces == [content[place : place + 9] for place in places for _ in range(2)]
