"""Deliveries through botocore and moto: which messages come again, which are over, and what a person finds."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from image_analysis import handler
from shared import clients
from shared.object_version import ObjectVersion
from tests.functions.image_analysis.lab import ALL, DEAD_LETTERS, MEDIA, QUEUE, RESULTS, Lab, environment, names_of
from tests.functions.image_analysis.pictures import jpeg, png
from tests.functions.shared.cloud import Fault, raising, refusing

THROTTLED = refusing("ThrottlingException")


def test_uploaded_image_is_analysed(moto_lab: Lab) -> None:
    body = moto_lab.upload("photos/cat.jpg", jpeg(120, 90))

    again = moto_lab.deliver(body)

    thing = ObjectVersion.from_message(body)
    document = f"s3://{RESULTS}/vision/labels/{thing.digest}.json"
    moment = Decimal(f"{moto_lab.timeline.seconds:.3f}")
    assert again == []
    owner = moto_lab.item(body)["owner"]
    assert moto_lab.item(body) == {
        "object": "s3://media/photos/cat.jpg",
        "entry": thing.version,
        "kind": "record",
        "media": "image",
        "bucket": "media",
        "key": "photos/cat.jpg",
        "version": thing.version,
        "status": "analysed",
        "bytes": thing.size,
        "format": "JPEG",
        "width": 120,
        "height": 90,
        "analyses": {
            "labels": {
                "status": "found",
                "count": 2,
                "document": document,
                "top": [
                    {"name": "Person", "confidence": Decimal("99.25")},
                    {"name": "People", "confidence": Decimal("99.25")},
                ],
            }
        },
        "attempts": 0,
        "deliveries": 1,
        "owner": owner,
        "lease_until": moment,
        "updated_at": "2026-11-01T12:00:00.000+00:00",
        "finding": "status#analysed",
        "rank": moment,
    }
    assert moto_lab.findings(body) == names_of("labels")


def test_every_analysis_of_the_routes_is_done_and_stored(moto_lab: Lab) -> None:
    body = moto_lab.upload("all/cat.jpg", jpeg())

    again = moto_lab.deliver(body)

    assert again == []
    assert {name: one["status"] for name, one in moto_lab.item(body)["analyses"].items()} == dict.fromkeys(ALL, "found")
    assert moto_lab.findings(body) == names_of(*ALL)
    assert {moto_lab.document(body, name)["analysis"] for name in ALL} == set(ALL)


def test_images_are_found_by_name_and_by_status_through_the_index(moto_lab: Lab, results: Any) -> None:  # noqa: ANN401 (boto3's table)
    good, poison = moto_lab.upload("photos/good.jpg", jpeg()), moto_lab.upload("photos/poison.jpg", b"x")
    moto_lab.deliver(good, poison)

    keys = {
        finding: [
            item["key"]
            for item in results.query(
                IndexName="findings",
                KeyConditionExpression="finding = :finding",
                ExpressionAttributeValues={":finding": finding},
            )["Items"]
        ]
        for finding in ("labels#person", "status#analysed", "status#refused", "status#failed")
    }

    assert keys == {
        "labels#person": ["photos/good.jpg"],
        "status#analysed": ["photos/good.jpg"],
        "status#refused": ["photos/poison.jpg"],
        "status#failed": [],
    }


def test_event_tells_what_was_found(moto_lab: Lab) -> None:
    body = moto_lab.upload("photos/cat.jpg", jpeg())

    moto_lab.deliver(body)

    thing = ObjectVersion.from_message(body)
    assert moto_lab.events() == [
        {
            "stage": "sandbox",
            "bucket": MEDIA,
            "key": "photos/cat.jpg",
            "version": thing.version,
            "media": "image",
            "status": "analysed",
            "reason": None,
            "analyses": {
                "labels": {
                    "status": "found",
                    "count": 2,
                    "document": f"s3://{RESULTS}/vision/labels/{thing.digest}.json",
                    "top": [{"name": "Person", "confidence": 99.25}, {"name": "People", "confidence": 99.25}],
                }
            },
        }
    ]


def test_image_outside_of_every_route_is_left_alone(moto_lab: Lab) -> None:
    body = moto_lab.upload("elsewhere/cat.jpg", jpeg())

    again = moto_lab.deliver(body)

    assert (again, moto_lab.operations(), moto_lab.item(body)) == ([], [], {})


def test_only_the_throttled_image_of_a_mixed_batch_comes_again(moto_lab: Lab) -> None:
    good, slow, poison = (
        moto_lab.upload(f"photos/{name}.jpg", content)
        for name, content in (("good", jpeg()), ("slow", jpeg()), ("x", b"x"))
    )
    moto_lab.cloud.faults = [Fault(operation="DetectLabels", about="slow.jpg", answer=THROTTLED)]

    again = moto_lab.deliver(good, poison, slow, "garbage")

    assert again == [slow]
    assert moto_lab.status(good) == ("analysed", None)
    assert moto_lab.status(poison) == ("refused", "not a JPEG or PNG: the content is unknown")
    ((body, reason),) = moto_lab.parked()
    assert body == "garbage"
    assert reason.startswith("not an S3 Object Created event")


def test_response_names_messages_as_lambda_wants_them(lab: Lab) -> None:
    lab.cloud.faults = [Fault(operation="DetectLabels", answer=THROTTLED)]
    records = [
        {"messageId": "id-1", "receiptHandle": "r-1", "body": lab.upload("photos/a.jpg", jpeg())},
        {"messageId": "id-2", "receiptHandle": "r-2", "body": "garbage"},
    ]

    response = handler.handle({"Records": records}, lab.context())

    assert response == {"batchItemFailures": [{"itemIdentifier": "id-1"}]}


def test_empty_batch_answers_that_nothing_failed(lab: Lab) -> None:
    assert handler.handle({"Records": []}, lab.context()) == {"batchItemFailures": []}


def test_message_that_comes_again_is_hidden_for_as_long_as_its_reason_needs(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="GetObject", answer=refusing("InternalError", 500))]

    lab.drain(body, deliveries=4)

    asked = [call.parameters for call in lab.cloud.calls if call.operation == "ChangeMessageVisibility"]
    assert [one["VisibilityTimeout"] for one in asked] == [11, 21, 41, 81]
    assert {one["QueueUrl"] for one in asked} == {QUEUE}


def test_message_comes_again_where_its_visibility_cannot_be_changed(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [
        Fault(operation="GetObject", answer=refusing("SlowDown", 503)),
        Fault(operation="ChangeMessageVisibility", answer=raising(RuntimeError("a bug"))),
    ]

    assert lab.deliver(body) == [body]


@pytest.mark.parametrize("code", ["InvalidImageFormatException", "ImageTooLargeException"])
def test_image_that_rekognition_cannot_take_is_refused_with_a_readable_reason(lab: Lab, code: str) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="DetectLabels", answer=refusing(code))]

    deliveries = [lab.deliver(body) for _ in range(2)]

    status, reason = lab.status(body)
    assert deliveries == [[], []]
    assert status == "refused"
    assert reason is not None
    assert reason.startswith("labels: the image is ")
    assert lab.count("DetectLabels") == 1


def test_analysis_that_refuses_an_image_keeps_the_others_from_nothing(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="DetectFaces", answer=refusing("InvalidImageFormatException"))]

    again = lab.deliver(body)

    outcomes = lab.item(body)["analyses"]
    assert again == []
    assert lab.item(body)["status"] == "analysed"
    assert {name: one["status"] for name, one in outcomes.items()} == {
        "labels": "found",
        "faces": "refused",
        "moderation": "found",
    }
    assert outcomes["faces"]["reason"] == "the image is damaged, or in a format that Rekognition cannot read"
    assert [event["reason"] for event in lab.events()] == [f"faces: {outcomes['faces']['reason']}"]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("GetObject", "AccessDenied"),
        ("GetObject", "InvalidObjectState"),
        ("DetectLabels", "AccessDeniedException"),
        ("DetectLabels", "InvalidS3ObjectException"),
        ("PutObject", "NoSuchBucket"),
        ("BatchWriteItem", "AccessDeniedException"),
        ("PutEvents", "AccessDeniedException"),
        ("UpdateItem", "ResourceNotFoundException"),
    ],
)
def test_image_that_may_not_be_handled_is_parked_with_its_reason(lab: Lab, operation: str, code: str) -> None:
    body = lab.upload("photos/a b.jpg", jpeg())
    lab.cloud.faults = [Fault(operation=operation, answer=refusing(code, 403))]

    again = lab.deliver(body)

    ((parked, why),) = lab.parked()
    assert again == []
    assert parked == body
    assert f"{operation}: {code}: said AWS" in why
    assert lab.status(body) == ((None, None) if operation == "UpdateItem" else ("failed", why))


def test_message_that_announces_no_object_is_parked_and_not_delivered_again(lab: Lab) -> None:
    again = lab.deliver("[" * 200_000, '{"Event": "s3:TestEvent"}')

    assert again == []
    assert [parked for parked, _ in lab.parked()] == ["[" * 200_000, '{"Event": "s3:TestEvent"}']
    assert lab.operations() == ["SendMessage", "SendMessage"]


@pytest.mark.parametrize("seconds", [29.999, 0, -3])
def test_too_little_time_sends_messages_back_untouched(lab: Lab, seconds: float) -> None:
    body = lab.upload("photos/a.jpg", jpeg())

    again = lab.deliver(body, seconds=seconds)

    assert again == [body]
    assert lab.operations() == ["ChangeMessageVisibility"]


def test_bug_in_one_message_leaves_its_neighbours_alone(lab: Lab) -> None:
    bodies = [lab.upload(f"photos/{name}.jpg", jpeg()) for name in ("before", "struck", "behind")]
    lab.cloud.faults = [Fault(operation="GetObject", about="struck.jpg", answer=raising(RuntimeError("a bug")))]

    again = lab.deliver(*bodies)

    assert again == [bodies[1]]
    assert [lab.status(body)[0] for body in bodies] == ["analysed", "working", "analysed"]


def test_record_without_a_body_comes_again_and_its_neighbours_do_not(lab: Lab) -> None:
    records = [{"messageId": "empty"}, {"messageId": "good", "body": lab.upload("photos/a.jpg", jpeg())}]

    response = handler.handle({"Records": records}, lab.context())

    assert response == {"batchItemFailures": [{"itemIdentifier": "empty"}]}


def test_results_that_are_not_kept_say_when_they_end(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESULTS_DAYS", "30")
    body = lab.upload("photos/a.jpg", jpeg())

    lab.deliver(body)

    items = lab.hand("Scan", TableName="results")["Items"]
    assert len(items) == 3
    assert {item["expires_at"] for item in items} == {int(lab.timeline.seconds) + 30 * 86_400}


def test_enrolled_face_gets_the_name_of_its_folder(lab: Lab) -> None:
    named, nobody = lab.upload("people/alice/1.jpg", jpeg()), lab.upload("people/1.jpg", jpeg())

    again = lab.deliver(named, nobody)

    (asked,) = (call.parameters for call in lab.cloud.calls if call.operation == "IndexFaces")
    status, reason = lab.status(nobody)
    assert again == []
    assert (asked["ExternalImageId"], asked["CollectionId"]) == ("alice", "stage")
    assert lab.findings(named) == [("enrolment", "alice")]
    assert status == "refused"
    assert "names no person" in str(reason)


def test_function_writes_to_its_own_places_only(lab: Lab) -> None:
    lab.deliver(lab.upload("photos/a.jpg", jpeg()), "garbage")

    written = {
        call.operation: call.parameters.get("TableName") or call.parameters.get("Bucket")
        for call in lab.cloud.calls
        if call.operation in {"PutObject", "SendMessage"}
    }
    queues = {call.parameters["QueueUrl"] for call in lab.cloud.calls if call.operation == "SendMessage"}
    assert written == {"PutObject": RESULTS, "SendMessage": None}
    assert queues == {DEAD_LETTERS}


def test_flagged_image_is_announced_with_what_flags_it(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())

    lab.deliver(body)

    thing = ObjectVersion.from_message(body)
    assert lab.events("Content Flagged") == [
        {
            "stage": "sandbox",
            "bucket": MEDIA,
            "key": "three/a.jpg",
            "version": thing.version,
            "version_id": thing.version_id,
            "media": "image",
            "action": "tag",
            "labels": [{"name": "Violence", "confidence": 91.5}, {"name": "Weapons", "confidence": 91.5}],
        }
    ]
    assert len(lab.events()) == 1


def test_flagged_content_that_stands_there_again_is_flagged_again_and_not_paid_again(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg(), "unversioned")
    lab.deliver(body)

    again = lab.deliver(lab.upload("three/a.jpg", jpeg(), "unversioned"))

    assert again == []
    assert len(lab.events("Content Flagged")) == 2
    assert len(lab.events()) == 1
    assert lab.billed() == 3


def test_flagged_version_is_flagged_once_however_often_its_event_comes(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())

    lab.deliver(body)
    lab.deliver(body, body)

    assert len(lab.events("Content Flagged")) == 1


def test_flagged_content_that_cannot_be_announced_again_comes_again(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg(), "unversioned")
    lab.deliver(body)
    lab.cloud.faults = [Fault(operation="PutEvents", answer=refusing("InternalException", 500))]

    assert lab.deliver(body) == [body]


@pytest.mark.parametrize("bucket", [MEDIA, "unversioned"])
def test_image_that_goes_before_rekognition_reads_it_is_gone_and_parked_for_nobody(lab: Lab, bucket: str) -> None:
    body = lab.upload("photos/a.jpg", jpeg(), bucket)
    thing = ObjectVersion.from_message(body)

    def vanish() -> Mapping[str, Any]:
        version = {"VersionId": thing.version_id} if thing.version_id else {}
        lab.hand("DeleteObject", Bucket=bucket, Key=thing.key, **version)
        return refusing("InvalidS3ObjectException")()

    lab.cloud.faults = [Fault(operation="DetectLabels", answer=vanish)]

    assert lab.deliver(body) == []
    assert lab.status(body) == ("failed", "the object was deleted before it was read")
    assert lab.parked() == []


@pytest.mark.parametrize(("action", "act_at"), [("record", 80.0), ("tag", 91.51)])
def test_image_that_the_profile_only_records_flags_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, action: str, act_at: float
) -> None:
    moderation = {"min_confidence": 50.0, "act_at": act_at, "action": action}
    changed = environment(options={"moderation": moderation}, routes={"photos/": ["moderation"]})
    monkeypatch.setenv("ANALYSES", changed["ANALYSES"])
    body = lab.upload("photos/a.jpg", jpeg())

    lab.deliver(body)

    assert ("moderation", "Weapons") in lab.findings(body)
    assert lab.events("Content Flagged") == []


@pytest.mark.parametrize(("versioned", "bucket"), [(True, MEDIA), (False, "unversioned")])
def test_rekognition_is_asked_for_this_version_with_the_settings(lab: Lab, bucket: str, *, versioned: bool) -> None:
    body = lab.upload("photos/a+b%2F é.png", png(), bucket)

    lab.deliver(body)

    (asked,) = (call.parameters for call in lab.cloud.calls if call.operation == "DetectLabels")
    version = {"Version": ObjectVersion.from_message(body).version_id} if versioned else {}
    assert asked == {
        "Image": {"S3Object": {"Bucket": bucket, "Name": "photos/a+b%2F é.png", **version}},
        "MaxLabels": 25,
        "MinConfidence": 70.5,
        "Features": ["GENERAL_LABELS"],
    }


def test_clients_give_up_on_a_hanging_call_before_the_function_is_stopped(lab: Lab) -> None:  # noqa: ARG001 (clients need its environment)
    config: Any = clients.rekognition().meta.config

    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout < 20


def test_answer_is_stored_in_full_as_utf8_json(moto_lab: Lab) -> None:
    body = moto_lab.upload("all/ka\u0308se 😀.jpg", jpeg())
    moto_lab.deliver(body)

    digest = ObjectVersion.from_message(body).digest
    stored = moto_lab.hand("GetObject", Bucket=RESULTS, Key=f"vision/text/{digest}.json")
    raw = stored["Body"].read()

    assert stored["ContentType"] == "application/json"
    assert "Café 🦊".encode() in raw
    assert json.loads(raw)["object"] == "s3://media/all/ka\u0308se 😀.jpg"
    assert json.loads(raw)["response"]["TextModelVersion"] == "3.0"
