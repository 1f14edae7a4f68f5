"""One video in, one job for each wanted analysis; what is no video costs nothing."""

import json

import pytest

from shared.object_version import ObjectVersion
from tests.functions.video_start.lab import DEAD, MEDIA, MP4, START, Fault, Lab, refusing

HOSTILE_KEYS = [
    "videos/ü ñ.mp4",
    "videos/a\nb.mp4",
    "videos/%20+&=.mp4",
    "videos/" + "x" * 1010 + ".mp4",
    "videos/日本.mov",
]


def test_every_wanted_analysis_gets_one_job_that_leads_back_to_the_video(lab: Lab) -> None:
    body = lab.upload("all/a.mp4")

    lab.deliver(START)

    jobs = {job.kind: job.request for job in lab.rekognition.jobs.values()}
    thing = ObjectVersion.from_message(body)
    assert set(jobs) == {
        "LabelDetection", "ContentModeration", "FaceDetection", "TextDetection", "SegmentDetection",
    }  # fmt: skip
    assert {request["Video"]["S3Object"]["Version"] for request in jobs.values()} == {thing.version_id}
    assert all(request["JobTag"].endswith(thing.digest) for request in jobs.values())
    assert len({request["ClientRequestToken"] for request in jobs.values()}) == 5
    assert jobs["LabelDetection"]["MinConfidence"] == 70.0
    assert jobs["FaceDetection"]["FaceAttributes"] == "ALL"
    assert jobs["SegmentDetection"]["SegmentTypes"] == ["TECHNICAL_CUE", "SHOT"]


def test_a_started_video_is_at_work_until_rekognition_answers(lab: Lab) -> None:
    body = lab.upload()

    lab.deliver(START)

    assert lab.queues[START] == []
    assert (lab.record(body)["status"], lab.record(body)["media"]) == ("working", "video")
    assert lab.record(body)["reason"] == "waits for Rekognition: labels"
    assert [job["job_id"] for job in lab.in_flight().values()] == list(lab.rekognition.jobs)


def test_the_same_event_many_times_starts_nothing_more(lab: Lab) -> None:
    body = lab.upload("two/a.mp4")
    for _ in range(5):
        lab.send(START, body)

    lab.settle()

    assert lab.count("Start") == 2
    assert len(lab.in_flight()) == 2


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_any_key_that_s3_takes_is_started(lab: Lab, key: str) -> None:
    body = lab.upload(key)

    lab.deliver(START)

    assert lab.job("LabelDetection").request["Video"]["S3Object"]["Name"] == key
    assert lab.record(body)["status"] == "working"


def test_a_video_outside_the_prefixes_is_left_alone(lab: Lab) -> None:
    lab.upload("elsewhere/a.mp4")

    lab.deliver(START)

    assert (lab.cloud.calls, lab.queues[START]) == ([], [])


@pytest.mark.parametrize(
    ("content", "size", "reason"),
    [
        (b"", None, "the file is empty"),
        (MP4, 10 * 1024**3 + 1, "10,737,418,241 bytes; Rekognition takes at most 10,737,418,240 (10 GB)"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", None, "a WebM file"),
        (b"GIF89a" + bytes(30), None, "a GIF file"),
        (b"hello", None, "the content is unknown"),
    ],
)
def test_what_is_no_video_is_refused_before_it_costs(lab: Lab, content: bytes, size: int | None, reason: str) -> None:
    body = lab.upload("two/a.mp4", content, size)

    lab.deliver(START)

    record = lab.record(body)
    assert (record["status"], lab.count("Start"), lab.in_flight(), lab.dead) == ("refused", 0, {}, [])
    assert all(reason in outcome["reason"] for outcome in record["analyses"].values())
    assert reason in record["reason"]
    [event] = lab.events()
    assert (event["status"], event["media"]) == ("refused", "video")
    lab.send(START, body)
    lab.deliver(START)
    assert lab.count("GetObject") <= 1


def test_a_video_too_long_for_rekognition_is_refused_with_its_reason(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=refusing("VideoTooLargeException"))]

    lab.deliver(START)

    assert lab.record(body)["status"] == "refused"
    assert "6 hours" in lab.record(body)["reason"]
    assert lab.in_flight() == {}


def test_a_video_that_was_deleted_is_recorded_and_holds_no_place(lab: Lab) -> None:
    body = lab.upload()
    lab.hand(
        "DeleteObject", Bucket=MEDIA, Key="videos/a.mp4", VersionId=ObjectVersion.from_message(body).version_id or ""
    )

    lab.deliver(START)

    assert (lab.record(body)["status"], lab.in_flight(), lab.dead) == ("failed", {}, [])
    assert lab.record(body)["reason"] == "the object was deleted before it was read"


def test_an_overwritten_video_of_an_unversioned_bucket_is_not_taken_for_the_one_before(lab: Lab) -> None:
    lab.memory.objects.versioned.clear()
    first = lab.upload(content=MP4)
    second = lab.upload(content=MP4 + b"more")

    lab.settle()

    assert lab.record(first)["reason"] == "the object was overwritten before it was read"
    assert lab.record(second)["status"] == "working"
    assert len(lab.rekognition.jobs) == 1


@pytest.mark.parametrize("body", ["", "hello", "[]", "null", '{"detail": {}}', json.dumps({"detail": {"object": 1}})])
def test_what_announces_no_video_goes_to_the_dead_letters_with_its_way_back(lab: Lab, body: str) -> None:
    lab.send(START, body)

    lab.deliver(START)

    [(parked, attributes)] = lab.dead
    assert (parked, attributes["Queue"], lab.queues[START]) == (body, "start", [])
    assert "not an S3 Object Created event" in attributes["Reason"]


def test_a_missing_permission_for_one_analysis_leaves_the_others_at_work(lab: Lab) -> None:
    body = lab.upload("two/a.mp4")
    lab.cloud.faults = [Fault(operation="StartTextDetection", answer=refusing("AccessDeniedException"))]

    lab.deliver(START)

    assert [entry["analysis"] for entry in lab.in_flight().values()] == ["labels"]
    assert lab.record(body)["status"] == "failed"
    [(parked, attributes)] = lab.dead
    assert (parked, attributes["Queue"]) == (body, "start")
    assert "text: StartTextDetection: AccessDeniedException" in attributes["Reason"]


def test_a_parked_video_is_analysed_when_it_is_sent_back(lab: Lab) -> None:
    body = lab.upload("two/a.mp4")
    lab.cloud.faults = [Fault(operation="StartTextDetection", answer=refusing("AccessDeniedException"))]
    lab.deliver(START)
    lab.end()
    lab.settle()
    lab.cloud.faults = []

    lab.redrive()
    lab.settle()
    lab.end()
    lab.settle()

    assert lab.record(body)["status"] == "analysed"
    assert set(lab.record(body)["analyses"]) == {"labels", "text"}
    assert len(lab.rekognition.jobs) == 2
    assert "reason" not in lab.record(body)


def test_the_dead_letters_are_the_only_queue_that_a_start_writes_to(lab: Lab) -> None:
    lab.send(START, "garbage")

    lab.deliver(START)

    assert {call.parameters["QueueUrl"] for call in lab.cloud.calls if call.operation == "SendMessage"} == {DEAD}
