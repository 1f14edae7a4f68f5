"""Deliveries: which messages come again, which are over, and what a person finds afterwards."""

import json
from decimal import Decimal
from typing import Any

import pytest

from image_labels import clients, handler
from image_labels.photo import Photo
from tests.functions.image_labels.lab import MEDIA, Context, Fault, Lab, raising, refusing
from tests.functions.image_labels.pictures import jpeg, png

THROTTLED = refusing("ProvisionedThroughputExceededException")
HOSTILE_KEYS = [
    "photos/two words.jpg",
    "photos/a+b.jpg",
    "photos/100%.jpg",
    "photos/a%2Fb%20c.jpg",
    "photos/käse.jpg",
    "photos/ka\u0308se.jpg",
    "photos/🦊 写真.jpg",
    "photos/line\nbreak.jpg",
    "../../etc/passwd",
    "/leading.jpg",
    "trailing  ",
    "a//b/./c",
    "a?b=c#d&e;f,g:h@i!$'()*[]{}|\\^~`<>",
    "é" * 512,
]


def test_uploaded_photo_is_labelled(lab: Lab) -> None:
    body = lab.upload("photos/cat.jpg", jpeg(120, 90))

    again = lab.deliver(body)

    item, digest = lab.item(body), Photo.from_message(body).digest
    assert again == []
    assert item["status"] == "labelled"
    assert (item["format"], item["width"], item["height"]) == ("JPEG", 120, 90)
    assert item["document"] == f"s3://results/labels/{digest}.json"
    stored = json.loads(lab.document(body))["response"]["Labels"]
    assert item["labels"] == [
        {"name": label["Name"], "confidence": Decimal(f"{label['Confidence']:.2f}")} for label in stored
    ]


@pytest.mark.parametrize("versioning", ["Enabled", "Suspended"])
def test_keys_of_any_letters_are_labelled(lab: Lab, versioning: str) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": versioning})  # type: ignore[typeddict-item]
    bodies = [lab.upload(key, png()) for key in HOSTILE_KEYS]

    again = lab.deliver(*bodies)

    assert again == []
    assert {(lab.item(body)["object"], lab.item(body)["status"]) for body in bodies} == {
        (f"s3://media/{key}", "labelled") for key in HOSTILE_KEYS
    }


def test_only_the_throttled_photo_of_a_mixed_batch_comes_again(lab: Lab) -> None:
    good, throttled, poison = lab.upload("good.jpg", jpeg()), lab.upload("slow.jpg", jpeg()), lab.upload("x.jpg", b"x")
    lab.faults = [Fault(operation="DetectLabels", about="slow.jpg", answer=THROTTLED)]

    again = lab.deliver(good, throttled, poison, "garbage")

    assert again == [throttled]
    assert lab.item(good)["status"] == "labelled"
    assert (lab.item(poison)["status"], lab.item(poison)["reason"]) == (
        "refused",
        "not a JPEG or PNG: the content is unknown",
    )
    ((body, reason),) = lab.parked()
    assert body == "garbage"
    assert reason.startswith("not an S3 Object Created event")


def test_response_names_messages_as_lambda_wants_them(lab: Lab) -> None:
    lab.faults = [Fault(operation="DetectLabels", answer=THROTTLED)]
    records = [{"messageId": "id-1", "body": lab.upload("a.jpg", jpeg())}, {"messageId": "id-2", "body": "garbage"}]

    response = handler.handle({"Records": records}, Context())

    assert response == {"batchItemFailures": [{"itemIdentifier": "id-1"}]}


def test_empty_batch_answers_that_nothing_failed() -> None:
    assert handler.handle({"Records": []}, Context()) == {"batchItemFailures": []}


@pytest.mark.parametrize("code", ["InvalidImageFormatException", "ImageTooLargeException"])
def test_photo_that_rekognition_cannot_take_is_refused_with_a_readable_reason(lab: Lab, code: str) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.faults = [Fault(operation="DetectLabels", answer=refusing(code))]

    deliveries = [lab.deliver(body) for _ in range(2)]

    assert deliveries == [[], []]
    assert lab.item(body)["status"] == "refused"
    assert lab.item(body)["reason"].startswith("the image is ")
    assert lab.count("DetectLabels") == 1


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("GetObject", "AccessDenied"),
        ("DetectLabels", "AccessDeniedException"),
        ("DetectLabels", "InvalidS3ObjectException"),
        ("PutObject", "NoSuchBucket"),
    ],
)
def test_photo_that_may_not_be_handled_is_parked_with_its_reason(lab: Lab, operation: str, code: str) -> None:
    body = lab.upload("photos/a b.jpg", jpeg())
    lab.faults = [Fault(operation=operation, answer=refusing(code, 403))]

    again = lab.deliver(body)

    reason = f"{operation}: {code}: said AWS"
    assert again == []
    assert (lab.item(body)["status"], lab.item(body)["reason"]) == ("failed", reason)
    assert lab.parked() == [(body, reason)]


@pytest.mark.parametrize("key", ["a.jpg", "a\x00\x1b\ufffe\nb" + "ü" * 400])
def test_reason_in_the_dead_letters_is_text_that_sqs_takes(lab: Lab, key: str) -> None:
    handler.park("body", f"Value '{key}' failed to satisfy constraint")

    ((_, reason),) = lab.parked()
    assert reason.isprintable()
    assert reason.startswith("Value 'a")
    assert len(reason) <= 250


@pytest.mark.parametrize(
    "body", ["null", "[]", '{"Event": "s3:TestEvent"}', "[" * 200_000, '{"detail": {"object": 1}}']
)
def test_message_that_announces_no_object_is_parked_and_not_delivered_again(lab: Lab, body: str) -> None:
    again = lab.deliver(body)

    assert again == []
    assert [parked for parked, _ in lab.parked()] == [body]
    assert [call.operation for call in lab.calls] == ["SendMessage"]


def test_photo_gone_before_it_was_read_is_recorded_and_not_parked(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.s3.delete_object(Bucket=MEDIA, Key="a.jpg", VersionId=str(Photo.from_message(body).version_id))

    again = lab.deliver(body)

    assert again == []
    assert (lab.item(body)["status"], lab.item(body)["reason"]) == (
        "failed",
        "the object was deleted before it was read",
    )
    assert lab.parked() == []


@pytest.mark.parametrize("seconds", [14.999, 0, -3])
def test_too_little_time_sends_messages_back_untouched(lab: Lab, seconds: float) -> None:
    bodies = [lab.upload("a.jpg", jpeg()), "garbage"]

    again = lab.deliver(*bodies, seconds=seconds)

    assert again == bodies
    assert lab.calls == []


def test_bug_in_one_message_leaves_its_neighbours_alone(lab: Lab) -> None:
    bodies = [lab.upload(f"{name}.jpg", jpeg()) for name in ("before", "struck", "behind")]
    lab.faults = [Fault(operation="GetObject", about="struck.jpg", answer=raising(RuntimeError("a bug")))]

    again = lab.deliver(*bodies)

    assert again == [bodies[1]]
    assert [lab.item(body)["status"] for body in bodies] == ["labelled", "working", "labelled"]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "ThrottlingException"])
def test_photo_comes_again_where_the_ledger_cannot_be_written(lab: Lab, code: str) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.faults = [Fault(operation="PutItem", answer=refusing(code))]

    again = lab.deliver(body)

    assert again == [body]
    assert lab.count("DetectLabels") == 0


def test_record_without_a_body_comes_again_and_its_neighbours_do_not(lab: Lab) -> None:
    records = [{"messageId": "empty"}, {"messageId": "good", "body": lab.upload("a.jpg", jpeg())}]

    response = handler.handle({"Records": records}, Context())

    assert response == {"batchItemFailures": [{"itemIdentifier": "empty"}]}


def test_clients_give_up_on_a_hanging_call_before_the_function_is_stopped(lab: Lab) -> None:  # noqa: ARG001 (clients need its environment)
    config: Any = clients.rekognition().meta.config

    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)

    assert longest < 60
