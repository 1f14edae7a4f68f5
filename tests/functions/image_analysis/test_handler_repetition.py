"""Repetition: what is over stays over, what is not over is tried again, and Rekognition is paid once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from image_labels import handler
from tests.functions.image_labels.lab import MEDIA, CrashError, Fault, Lab, raising, refusing
from tests.functions.image_labels.pictures import jpeg


def test_throttled_photo_is_labelled_on_a_later_delivery(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.faults = [Fault(operation="DetectLabels", answer=refusing("ThrottlingException"))]
    lab.drain(body, deliveries=2)
    lab.faults = []

    left = lab.drain(body)

    assert left == []
    assert lab.item(body)["status"] == "labelled"


def test_poison_photo_is_refused_once_and_never_looked_at_again(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg(79, 500))

    deliveries = [lab.deliver(body) for _ in range(3)]

    assert deliveries == [[], [], []]
    assert lab.item(body)["reason"] == "the image is 79 x 500 pixels; Rekognition needs at least 80 on each side"
    assert (lab.count("GetObject"), lab.count("DetectLabels"), lab.parked()) == (1, 0, [])


def test_parked_photo_is_labelled_when_it_is_sent_back_after_the_permission_was_mended(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.faults = [Fault(operation="DetectLabels", answer=refusing("AccessDeniedException"))]
    lab.deliver(body)
    lab.faults = []

    again = lab.deliver(*(parked for parked, _ in lab.parked()))

    assert again == []
    assert lab.item(body)["status"] == "labelled"
    assert "reason" not in lab.item(body)


def test_unversioned_photo_that_was_gone_is_labelled_when_the_same_content_comes_back(lab: Lab) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Suspended"})
    first = lab.upload("a.jpg", jpeg(100, 100))
    lab.upload("a.jpg", jpeg(200, 200))
    lab.deliver(first)
    gone = lab.item(first)["reason"]
    back = lab.upload("a.jpg", jpeg(100, 100))

    again = lab.deliver(back)

    assert gone == "the object was overwritten before it was read"
    assert again == []
    assert lab.item(back)["status"] == "labelled"


def test_overwritten_photo_of_a_suspended_bucket_is_labelled_anew(lab: Lab) -> None:
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Suspended"})
    bodies = []

    for width in (100, 200):
        body = json.loads(lab.upload("a.jpg", jpeg(width, 100)))
        body["detail"]["object"]["version-id"] = "null"  # as S3 names it for both
        bodies.append(json.dumps(body))
        lab.deliver(bodies[-1])

    assert [lab.item(body)["width"] for body in bodies] == [100, 200]


def test_redelivery_of_a_labelled_photo_costs_one_look_at_the_ledger(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.deliver(body)
    lab.calls.clear()

    again = lab.deliver(body)

    assert again == []
    assert [call.operation for call in lab.calls] == ["PutItem"]


def test_same_event_a_hundred_times_is_labelled_once(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())

    deliveries = [lab.deliver(*[body] * 10) for _ in range(10)]

    assert deliveries == [[]] * 10
    assert lab.count("DetectLabels") == 1


@pytest.mark.usefixtures("one_call_at_a_time")
def test_same_event_a_hundred_times_at_once_is_labelled_once(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())

    with ThreadPoolExecutor(8) as pool:
        again = [left for leftover in pool.map(lambda _: lab.deliver(*[body] * 5), range(20)) for left in leftover]
    lab.time += handler.TIME_FOR_ONE_IMAGE * 10

    assert lab.count("DetectLabels") == 1
    assert lab.item(body)["status"] == "labelled"
    assert lab.deliver(*again) == []


def test_function_that_dies_between_rekognition_and_the_ledger_leaves_no_photo_unlabelled(lab: Lab) -> None:
    body = lab.upload("a.jpg", jpeg())
    lab.faults = [Fault(operation="PutObject", answer=raising(CrashError()))]
    with pytest.raises(CrashError):
        lab.deliver(body)
    lab.faults = []

    too_early = []
    for _ in range(2):
        too_early.append(lab.deliver(body))
        lab.time += timedelta(seconds=60)  # as long as the dead one could have lived
    again = lab.deliver(body)

    assert too_early == [[body], [body]]
    assert again == []
    assert lab.item(body)["status"] == "labelled"
    assert lab.deliver(body) == []
    assert lab.count("DetectLabels") == 2
