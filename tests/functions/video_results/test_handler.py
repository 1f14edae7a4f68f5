"""A completion in; documents, findings, the record and the events out."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.functions.video_start import rekognition
from tests.functions.video_start.lab import DONE, RESULTS, START, Fault, Lab, refusing
from video_results import tally
from video_results.settings import settings


def started(lab: Lab, key: str = "videos/a.mp4") -> str:
    """A video whose jobs run; the message that announced it."""
    body = lab.upload(key)
    lab.deliver(START)
    return body


def test_a_job_that_ended_becomes_findings_a_document_a_record_and_an_event(lab: Lab) -> None:
    body = started(lab)

    lab.end()
    lab.settle()

    record, found = lab.record(body), lab.findings(body)
    assert (record["status"], record["finding"], record["media"]) == ("analysed", "status#analysed", "video")
    assert (record["width"], record["height"], record["duration_ms"]) == (1280, 720, 60_000)
    outcome = record["analyses"]["labels"]
    assert (outcome["status"], outcome["count"], outcome["pages"]) == ("found", 3, 1)
    assert [top["name"] for top in outcome["top"]] == ["Cat", "Dog"]
    cat = found["labels: Cat"]
    assert (cat["rank"], cat["instances"], cat["first_ms"], cat["last_ms"]) == (Decimal("95.5"), 2, 100, 500)
    assert (cat["finding"], cat["media"]) == ("labels#cat", "video")
    [page] = lab.documents(body, "labels")
    assert (page["page"], page["analysis"], page["version"]) == (0, "labels", record["version"])
    assert page["response"]["Labels"] == rekognition.FOUND["LabelDetection"]
    assert outcome["document"].startswith(f"s3://{RESULTS}/vision/video/labels/")
    assert outcome["document"].endswith("/00000.json")
    [event] = lab.events()
    assert (event["status"], event["media"], event["analyses"]["labels"]["count"]) == ("analysed", "video", 3)
    assert lab.in_flight() == {}


def test_each_analysis_names_what_it_saw_and_when(lab: Lab) -> None:
    body = started(lab, "all/a.mp4")

    lab.end()
    lab.settle()

    spans = {name: (item["first_ms"], item["last_ms"], item["instances"]) for name, item in lab.findings(body).items()}
    assert spans == {
        "labels: Cat": (100, 500, 2),
        "labels: Dog": (900, 900, 1),
        "moderation: Weapons": (4000, 4000, 1),
        "moderation: Smoking": (100, 100, 1),
        "faces: Face": (0, 40, 2),
        "faces: Calm": (0, 40, 2),
        "text: EXIT": (7, 7, 1),
        "segments: BlackFrames": (0, 40, 1),
        "segments: Shot": (40, 2000, 2),
    }
    assert lab.record(body)["status"] == "analysed"
    assert len(lab.events()) == 1


def test_only_labels_at_or_above_the_profiles_threshold_are_flagged(lab: Lab) -> None:
    started(lab, "all/a.mp4")

    lab.end()
    lab.settle()

    [flagged] = lab.events("Content Flagged")
    assert (flagged["action"], flagged["media"]) == ("quarantine", "video")
    assert flagged["labels"] == [{"name": "Weapons", "confidence": 91.0}]


def test_a_video_is_final_only_with_its_last_analysis(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")

    lab.end(lab.job("TextDetection"))
    lab.settle()
    between = lab.record(body)
    lab.end(lab.job("LabelDetection"))
    lab.settle()

    assert (between["status"], set(between["analyses"]), "finding" in between) == ("working", {"text"}, False)
    assert (lab.record(body)["status"], len(lab.events())) == ("analysed", 1)


def test_every_page_is_stored_and_counted(lab: Lab) -> None:
    lab.rekognition.found["LabelDetection"] = [
        rekognition.label(f"Label {number % 7}", 50 + number % 50, number) for number in range(2503)
    ]
    body = started(lab)

    lab.end()
    lab.settle()

    pages = lab.documents(body, "labels")
    assert [page["page"] for page in pages] == [0, 1, 2]
    labels = [label for page in pages for label in page["response"]["Labels"]]
    assert labels == lab.rekognition.found["LabelDetection"]
    assert lab.record(body)["analyses"]["labels"]["count"] == 2503
    assert sum(item["instances"] for item in lab.findings(body).values()) == 2503
    assert all("NextToken" not in page["response"] for page in pages)


def test_a_video_without_anything_in_it_is_analysed_and_empty(lab: Lab) -> None:
    lab.rekognition.found["LabelDetection"] = []
    body = started(lab)

    lab.end()
    lab.settle()

    assert lab.record(body)["analyses"]["labels"]["count"] == 0
    assert (lab.record(body)["status"], lab.findings(body)) == ("analysed", {})


def test_a_job_that_rekognition_failed_is_recorded_with_its_reason(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")

    lab.end(status="FAILED", message="Unsupported codec/format")
    lab.settle()

    record = lab.record(body)
    assert record["status"] == "refused"
    assert record["reason"].count("Unsupported codec/format") == 2
    assert {outcome["status"] for outcome in record["analyses"].values()} == {"refused"}
    assert (lab.in_flight(), lab.dead) == ({}, [])


def test_a_video_with_one_failed_analysis_is_analysed_all_the_same(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")

    lab.end(lab.job("TextDetection"), status="FAILED", message="Internal error")
    lab.end(lab.job("LabelDetection"))
    lab.settle()

    assert lab.record(body)["status"] == "analysed"
    assert "Internal error" in lab.events()[0]["reason"]


@pytest.mark.parametrize(
    "body",
    ["", "hello", "[]", "null", "{}", '{"JobTag": 5}', '{"JobTag": "a", "JobId": []}', '{"JobTag": "jobs.x#"}',
     '{"JobTag": "a", "Job": {}}', '{"JobTag": "a", "Job": []}'],
)  # fmt: skip
def test_what_is_no_completion_goes_to_the_dead_letters_with_its_way_back(lab: Lab, body: str) -> None:
    lab.send(DONE, body)

    lab.deliver(DONE)

    [(parked, attributes)] = lab.dead
    assert (parked, attributes["Queue"], lab.queues[DONE]) == (body, "results", [])


def test_a_dead_letter_whose_job_is_another_than_its_tag_says_is_not_believed(lab: Lab) -> None:
    started(lab)
    lab.end()
    lab.cloud.faults = [Fault(operation="GetLabelDetection", answer=refusing("AccessDeniedException"))]
    lab.settle()
    letter = json.loads(lab.dead.pop()[0])

    lab.send(DONE, json.dumps(letter | {"JobTag": f"text_{'0' * 64}"}))
    lab.send(DONE, json.dumps(letter | {"Job": letter["Job"] | {"analysis": "people"}}))
    lab.settle()

    assert [attributes["Reason"][-29:] for _, attributes in lab.dead] == ["its parts do not fit together"] * 2
    assert lab.in_flight() == {}


def test_a_completion_of_nobodys_job_is_dropped(lab: Lab) -> None:
    lab.send(DONE, json.dumps({"JobTag": f"labels_{'0' * 64}", "JobId": "1", "Status": "SUCCEEDED"}))

    lab.deliver(DONE)

    assert (lab.dead, lab.queues[DONE], lab.told) == ([], [], [])


def test_a_result_of_many_names_keeps_the_most_certain_ones(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 10)
    lab.rekognition.page_size = 7
    lab.rekognition.found["TextDetection"] = [rekognition.text(f"line {number}", number) for number in range(60)]
    lab.rekognition.found["TextDetection"][33]["TextDetection"]["Confidence"] = 99.0
    body = started(lab, "two/a.mp4")

    lab.end()
    lab.settle()

    text = [name for name in lab.findings(body) if name.startswith("text")]
    assert (len(text), "text: line 33" in text) == (10, True)
    assert lab.record(body)["analyses"]["text"]["count"] == 60


def test_results_that_end_carry_their_day(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(settings(), keep=timedelta(days=3))
    monkeypatch.setattr("video_results.delivery.settings", lambda: changed)
    body = started(lab)

    lab.end()
    lab.settle()

    day = int((lab.time + timedelta(days=3)).timestamp())
    assert lab.findings(body)["labels: Cat"]["expires_at"] == day
    assert lab.record(body)["expires_at"] == day


def test_a_missing_permission_is_recorded_and_the_dead_letter_fetches_the_same_job(lab: Lab) -> None:
    body = started(lab)
    lab.end()
    lab.cloud.faults = [Fault(operation="GetLabelDetection", answer=refusing("AccessDeniedException"))]
    lab.settle()
    failed, places = lab.record(body), lab.in_flight()
    lab.cloud.faults = []

    [(_, attributes)] = lab.dead
    lab.redrive()
    lab.settle()

    assert (failed["status"], places, attributes["Queue"]) == ("failed", {}, "results")
    assert failed["reason"].startswith("labels: GetLabelDetection: AccessDeniedException")
    assert (lab.record(body)["status"], lab.in_flight()) == ("analysed", {})
    assert len(lab.rekognition.jobs) == 1


@pytest.mark.parametrize("key", ["videos/\ufffe.mp4", "videos/\uffff\x07.mp4", "videos/\N{CAT FACE}.mp4"])
def test_a_dead_letter_is_taken_and_sent_back_whatever_the_key_is(lab: Lab, key: str) -> None:
    body = started(lab, key)
    lab.end()
    lab.cloud.faults = [Fault(operation="GetLabelDetection", answer=refusing("AccessDeniedException"))]
    lab.settle(hours=1)
    parked = len(lab.dead)
    lab.cloud.faults = []

    lab.redrive()
    lab.settle()

    assert (parked, lab.record(body)["status"], lab.in_flight()) == (1, "analysed", {})
    assert (len(lab.rekognition.jobs), lab.count("GetLabelDetection")) == (1, 2)


def test_a_dead_letter_that_is_sent_back_twice_changes_nothing_the_second_time(lab: Lab) -> None:
    body = started(lab)
    lab.end()
    lab.cloud.faults = [Fault(operation="GetLabelDetection", answer=refusing("AccessDeniedException"))]
    lab.settle()
    lab.cloud.faults, letters = [], list(lab.dead)
    lab.redrive()
    lab.settle()
    final, events = lab.record(body), len(lab.told)

    lab.send(DONE, letters[0][0])
    lab.settle()

    assert (lab.record(body), len(lab.told), lab.in_flight()) == (final, events, {})
