"""Every object gets its tile: with all that can be had of it, and the reason for what cannot."""

import io
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from PIL import Image

from mlstack.vision.gallery import tiles
from mlstack.vision.gallery.marks import Box, Mark
from mlstack.vision.gallery.tiles import collect, tile
from mlstack.vision.results import Record, Results
from tests.mlstack.vision.results_lab import MEDIA, Lab, outcome

LABELS = {
    "Labels": [
        {
            "Name": "Dog",
            "Confidence": 98.5,
            "Instances": [
                {"BoundingBox": {"Left": 0.25, "Top": 0.25, "Width": 0.5, "Height": 0.5}, "Confidence": 98.5}
            ],
        },
        {"Name": "Grass", "Confidence": 80.0},
    ]
}


def photo(width: int = 160, height: int = 80) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "#808080").save(written, "JPEG")
    return written.getvalue()


def analysed(lab: Lab, key: str = "photos/a.jpg") -> Record:
    """One picture with labels, as a function leaves it."""
    version = lab.picture(key, photo())
    document = lab.document(f"vision/labels/{version}.json", LABELS)
    lab.record(key, version, analyses={"labels": outcome(document, ("Dog", 98.5), ("Grass", 80))})
    return lab.read(key, version)


class Failing:
    """An S3 that fails for one bucket."""

    def __init__(self, s3: Any, bucket: str, error: Exception) -> None:  # noqa: ANN401 - a client
        self.s3, self.bucket, self.error = s3, bucket, error

    def get_object(self, **wanted: str) -> Any:  # noqa: ANN401 - a client's answer
        if wanted["Bucket"] == self.bucket:
            raise self.error
        return self.s3.get_object(**wanted)


def failing(lab: Lab, bucket: str, error: Exception | str) -> Results:
    if isinstance(error, str):
        error = ClientError({"Error": {"Code": error, "Message": "no"}}, "GetObject")
    return replace(lab.results, s3=Failing(lab.s3, bucket, error))  # type: ignore[arg-type] # as much of a client as is used


def test_a_picture_comes_with_its_boxes(lab: Lab) -> None:
    found = tile(lab.results, analysed(lab))

    assert found.picture
    assert (found.picture.width, found.picture.height) == (160, 80)
    assert found.marks == (Mark("labels", "Dog", 98.5, Box(0.25, 0.25, 0.5, 0.5)), Mark("labels", "Grass", 80.0))
    assert (found.notes, found.flagged) == ((), False)


def test_a_picture_of_a_bucket_with_versions_is_the_one_that_was_analysed(lab: Lab) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    record = analysed(lab)
    lab.picture("photos/a.jpg", photo(80, 160))

    found = tile(lab.results, record)

    assert found.picture
    assert found.picture.width == 160


def test_a_picture_that_was_replaced_is_not_shown_with_the_boxes_of_another(lab: Lab) -> None:
    record = analysed(lab)
    lab.picture("photos/a.jpg", photo(80, 160))

    found = tile(lab.results, record)

    assert found.picture is None
    assert found.notes == ("no picture: another upload has replaced it",)
    assert len(found.marks) == 2


def test_a_picture_that_is_gone_is_told(lab: Lab) -> None:
    record = analysed(lab)
    lab.s3.delete_object(Bucket=MEDIA, Key="photos/a.jpg")

    found = tile(lab.results, record)

    assert (found.picture, found.notes) == (None, ("no picture: it is gone",))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDenied", "no picture: your credentials may not read it"),
        ("InvalidObjectState", "no picture: it is archived; restore it in S3 first"),
        ("405", "no picture: it was deleted"),
    ],
)
def test_a_picture_that_may_not_be_read_is_told(lab: Lab, code: str, reason: str) -> None:
    found = tile(failing(lab, MEDIA, code), analysed(lab))

    assert (found.picture, found.notes) == (None, (reason,))


def test_a_download_that_breaks_off_is_told(lab: Lab) -> None:
    found = tile(failing(lab, MEDIA, ReadTimeoutError(endpoint_url="s3")), analysed(lab))

    assert found.notes == ("no picture: the download broke off",)


def test_what_concerns_every_object_ends_the_page(lab: Lab) -> None:
    record = analysed(lab)

    with pytest.raises(ClientError, match="ExpiredToken"):
        collect(failing(lab, MEDIA, "ExpiredToken"), [record] * 20, lambda: None)


def test_what_is_no_picture_is_told(lab: Lab) -> None:
    version = lab.picture("photos/a.jpg", b"no picture")
    lab.record("photos/a.jpg", version, status="refused", reason="not a JPEG or PNG")

    found = tile(lab.results, lab.read("photos/a.jpg", version))

    assert found.picture is None
    assert "neither JPEG nor PNG" in found.notes[0]


def test_a_picture_too_large_to_be_downloaded_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    record = analysed(lab)
    monkeypatch.setattr(tiles, "LARGEST_BYTES", 100)

    found = tile(lab.results, record)

    assert "too large" in found.notes[0]


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (None, ("no boxes of labels: it is gone",)),
        (b"{", ("no boxes of labels: its document is damaged",)),
        (b"\xff", ("no boxes of labels: its document is damaged",)),
        (b"[" * 100_000, ("no boxes of labels: its document is damaged",)),
        (b"[1]", ()),
        (b'{"response": 5}', ()),
    ],
)
def test_without_its_document_a_picture_has_the_best_names_of_its_record(
    lab: Lab, body: bytes | None, notes: tuple[str, ...]
) -> None:
    record = analysed(lab)
    bucket, _, key = record.analyses["labels"].document.removeprefix("s3://").partition("/")
    lab.s3.delete_object(Bucket=bucket, Key=key)
    if body is not None:
        lab.s3.put_object(Bucket=bucket, Key=key, Body=body)

    found = tile(lab.results, record)

    assert found.picture
    assert found.marks == (Mark("labels", "Dog", 98.5), Mark("labels", "Grass", 80.0))
    assert found.notes == notes


@pytest.mark.parametrize(("names", "flagged"), [([("Violence", 91)], True), ([], False)])
def test_a_picture_with_moderation_labels_is_flagged_even_without_its_document(
    lab: Lab, names: list[tuple[str, float]], *, flagged: bool
) -> None:
    version = lab.picture("a.jpg", photo())
    lab.record("a.jpg", version, analyses={"moderation": outcome("s3://documents/gone", *names)})

    assert tile(lab.results, lab.read("a.jpg", version)).flagged is flagged


def test_a_video_has_no_picture_and_says_when(lab: Lab) -> None:
    lab.record("clip.mp4", media="video", analyses={"labels": outcome("s3://documents/v/00000.json", ("Dog", 90))})
    lab.finding("clip.mp4", "labels", "Dog", 90, media="video", first_ms=0, last_ms=61_500)
    lab.finding("clip.mp4", "text", "EXIT", 95, media="video")

    found = tile(lab.results, lab.read("clip.mp4"))

    assert (found.picture, found.notes) == (None, ())
    assert found.marks == (Mark("text", "EXIT", 95.0), Mark("labels", "Dog", 90.0, span=(0.0, 61.5)))


def test_tiles_come_in_the_order_of_the_records_and_each_is_counted(lab: Lab) -> None:
    records = [analysed(lab, f"photos/{number}.jpg") for number in range(20)]
    seen: list[None] = []

    found = collect(lab.results, records, lambda: seen.append(None))

    assert [one.record.key for one in found] == [f"photos/{number}.jpg" for number in range(20)]
    assert len(seen) == 20
