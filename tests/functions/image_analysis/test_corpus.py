"""The corpus: every hostile input ends once, as a result or with a reason that a person understands."""

import json
from itertools import cycle
from pathlib import Path

import pytest

from shared.object_version import ObjectVersion
from tests.functions.image_analysis.corpus import CONTENTS, KEYS, NO_EVENTS, Analysed
from tests.functions.image_analysis.lab import MEDIA, UNVERSIONED, Lab, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Fault, refusing

PHOTOS = Path(__file__).resolve().parents[3] / "examples" / "photos"


@pytest.mark.parametrize("name", CONTENTS)
def test_content_ends_once_and_readably(lab: Lab, name: str) -> None:
    content, ending = CONTENTS[name]
    body = lab.upload("photos/a.jpg", content)

    deliveries = [lab.deliver(body, body) for _ in range(2)]

    item = lab.item(body)
    analysed = isinstance(ending, Analysed)
    assert deliveries == [[], []]
    assert lab.billed() == (1 if analysed else 0)
    assert len(lab.events()) == 1
    assert lab.parked() == []
    assert lab.count("GetObject") <= 9
    if isinstance(ending, Analysed):
        shape = (item["format"], item["width"], item["height"])
        assert (item["status"], shape) == ("analysed", (ending.format, ending.width, ending.height))
        assert lab.findings(body) == names_of("labels")
    else:
        assert lab.status(body) == ("refused", ending)
        assert lab.events()[0]["reason"] == ending


@pytest.mark.parametrize("photo", sorted(PHOTOS.glob("*.[jp][pn]g")), ids=lambda photo: photo.name)
def test_photo_of_the_examples_ends_as_its_name_says(lab: Lab, photo: Path) -> None:
    body = lab.upload(f"photos/{photo.name}", photo.read_bytes())

    again = lab.deliver(body)

    refusal = ("refused", "not a JPEG or PNG: the content is a WebP file")
    assert again == []
    assert lab.status(body) == (refusal if "really a webp" in photo.name else ("analysed", None))


def test_name_of_any_letters_is_analysed_under_that_very_name(moto_lab: Lab) -> None:
    buckets = {f"photos/{key}": bucket for key, bucket in zip(KEYS, cycle((MEDIA, UNVERSIONED)), strict=False)}
    keys, uris = [*buckets], {f"s3://{bucket}/{key}" for key, bucket in buckets.items()}
    bodies = {key: moto_lab.upload(key, jpeg(), bucket) for key, bucket in buckets.items()}

    again = moto_lab.deliver(*bodies.values())

    assert again == []
    assert {moto_lab.item(body)["object"] for body in bodies.values()} == uris
    assert {moto_lab.item(body)["status"] for body in bodies.values()} == {"analysed"}
    assert {moto_lab.document(body)["object"] for body in bodies.values()} == uris
    asked = [call.parameters["Image"]["S3Object"] for call in moto_lab.cloud.calls if call.service == "rekognition"]
    assert [one["Name"] for one in asked] == keys
    assert [event["key"] for event in moto_lab.events()] == keys


@pytest.mark.parametrize("name", NO_EVENTS)
def test_message_that_is_no_event_is_parked_once_with_a_reason(lab: Lab, name: str) -> None:
    body = NO_EVENTS[name]

    again = lab.deliver(body)

    ((parked, reason),) = lab.parked()
    assert again == []
    assert parked == body
    assert reason.startswith("not an S3 Object Created event: ")
    assert lab.operations() == ["SendMessage"]


@pytest.mark.parametrize(
    ("operation", "code", "message"),
    [
        ("GetObject", "AccessDenied", "User is not authorized to perform: kms:Decrypt"),
        ("GetObject", "InvalidObjectState", "The operation is not valid for the object's storage class"),
        ("GetObject", "KMS.DisabledException", "The key is disabled"),
        ("DetectLabels", "InvalidS3ObjectException", "Unable to get object metadata from S3."),
        ("DetectLabels", "AccessDeniedException", "not authorized to perform: rekognition:DetectLabels"),
    ],
)
def test_image_that_cannot_be_read_waits_with_awss_own_words_until_it_can(
    lab: Lab, operation: str, code: str, message: str
) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation=operation, answer=refusing(code, 403, message))]
    deliveries = [lab.deliver(body)]
    ((parked, reason),) = lab.parked()
    lab.cloud.faults = []

    deliveries.append(lab.deliver(parked))

    assert message in reason
    assert deliveries == [[], []]
    assert lab.status(body) == ("analysed", None)
    assert (lab.billed(), [event["status"] for event in lab.events()]) == (1, ["failed", "analysed"])


def test_hundred_hostile_objects_in_one_batch_keep_no_neighbour(lab: Lab) -> None:
    hostile = [
        lab.upload(f"photos/{number}.jpg", content)
        for number, (content, ending) in enumerate(CONTENTS.values())
        if isinstance(ending, str)
    ]
    good = [lab.upload(f"photos/good {number}.jpg", jpeg()) for number in range(5)]
    mixed = [one for pair in zip(hostile, NO_EVENTS.values(), strict=False) for one in pair] + good

    again = lab.deliver(*mixed)

    assert again == []
    assert [lab.status(body)[0] for body in good] == ["analysed"] * 5
    assert len(lab.parked()) == len(mixed) - len(good) - len([one for one in hostile if one in mixed])
    assert {lab.status(body)[0] for body in hostile if body in mixed} == {"refused"}


def test_corpus_is_large_and_its_longest_key_is_as_long_as_s3_allows(lab: Lab) -> None:
    body = lab.upload(f"photos/{KEYS[-1]}", jpeg())

    assert len(CONTENTS) + len(KEYS) + len(NO_EVENTS) > 120
    assert len(json.loads(body)["detail"]["object"]["key"].encode()) == 1024
    assert ObjectVersion.from_message(body).key == f"photos/{KEYS[-1]}"
