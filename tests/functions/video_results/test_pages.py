"""Results of many pages: fetched in time, gone on with, and never from a place that Rekognition has forgotten."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.object_version import ObjectVersion
from tests.functions.video_start import rekognition
from tests.functions.video_start.lab import DONE, RESULTS, START, CrashError, Fault, Lab, raising

PAGES = 50


@pytest.fixture
def body(lab: Lab) -> str:
    """A video whose labels take many pages, and whose job has ended."""
    lab.rekognition.page_size = 2
    names = ["Cat", "Dog", "Tree"]
    lab.rekognition.found["LabelDetection"] = [
        rekognition.label(names[number % 3], 60 + number % 40, number * 10) for number in range(2 * PAGES - 1)
    ]
    body = lab.upload()
    lab.deliver(START)
    lab.end()
    return body


def is_whole(lab: Lab, body: str) -> bool:
    """Whether every page is there once, and counted once."""
    found = lab.rekognition.found["LabelDetection"]
    pages = lab.documents(body, "labels")
    assert [page["page"] for page in pages] == list(range(PAGES))
    assert [label for page in pages for label in page["response"]["Labels"]] == found
    assert {name: item["instances"] for name, item in lab.findings(body).items()} == {
        f"labels: {name}": sum(one["Label"]["Name"] == name for one in found) for name in ("Cat", "Dog", "Tree")
    }
    assert lab.record(body)["analyses"]["labels"]["count"] == len(found)
    return bool(lab.record(body)["status"] == "analysed" and not lab.in_flight() and not lab.dead)


def test_a_result_that_takes_longer_than_an_invocation_is_gone_on_with(lab: Lab, body: str) -> None:
    lab.seconds_a_get = 60
    before = lab.time

    lab.settle(hours=3)

    assert is_whole(lab, body)
    assert lab.count("GetLabelDetection") == PAGES
    assert timedelta(minutes=PAGES) < lab.time - before < timedelta(minutes=PAGES + 2)


def test_a_function_that_dies_fetches_a_few_pages_again_and_not_all(lab: Lab, body: str) -> None:
    lab.cloud.faults = [Fault(operation="PutObject", about="00045.json", answer=raising(CrashError()))]
    with pytest.raises(CrashError):
        lab.deliver(DONE)
    lab.cloud.faults = []

    lab.settle(hours=1)

    assert is_whole(lab, body)
    assert PAGES < lab.count("GetLabelDetection") <= PAGES + 20


def test_a_place_that_rekognition_has_forgotten_begins_anew(lab: Lab, body: str) -> None:
    lab.seconds_a_get = 60
    lab.deliver(DONE)
    lab.time += timedelta(hours=25)
    lab.rekognition.forgotten_tokens = {f"{lab.job('LabelDetection').job_id}/{number}" for number in range(40)}
    lab.seconds_a_get = 0

    original = lab.rekognition._get  # noqa: SLF001

    def remember(*arguments: object) -> object:
        if "NextToken" not in arguments[1]:  # type: ignore[operator]
            lab.rekognition.forgotten_tokens.clear()
        return original(*arguments)  # type: ignore[arg-type]

    lab.rekognition._get = remember  # type: ignore[method-assign, assignment]  # noqa: SLF001
    lab.settle(hours=30)

    assert is_whole(lab, body)


def test_a_place_that_is_never_found_again_is_given_up_with_its_reason(lab: Lab, body: str) -> None:
    lab.rekognition.forgotten_tokens = {f"{lab.job('LabelDetection').job_id}/20"}

    lab.settle(hours=3)

    assert (lab.record(body)["status"], lab.in_flight()) == ("failed", {})
    assert "a page could not be found again" in lab.record(body)["reason"]
    assert [attributes["Queue"] for _, attributes in lab.dead] == ["results"]


def test_what_was_kept_on_the_way_is_removed_at_the_end(lab: Lab, body: str) -> None:
    lab.settle()

    digest = ObjectVersion.from_message(body).digest
    assert lab.document(f"vision/video/progress/labels/{digest}.json") is None
    assert (is_whole(lab, body), lab.count("DeleteObject")) == (True, 1)


def test_a_result_of_one_page_keeps_nothing_on_the_way(lab: Lab) -> None:
    lab.upload()
    lab.deliver(START)
    lab.end()

    lab.settle()

    assert (lab.count("DeleteObject"), lab.count("PutObject", "progress")) == (0, 0)


def test_a_rate_that_others_use_up_makes_the_pages_wait_and_loses_none(lab: Lab, body: str) -> None:
    lab.memory.tables.items["pace"]["GetLabelDetection",] = {
        "api": "GetLabelDetection",
        "next_slot": Decimal(lab.time.timestamp()) + 1000,
    }

    lab.deliver(DONE)
    early = lab.count("GetLabelDetection")
    lab.settle(hours=2)

    assert early == 0
    assert is_whole(lab, body)
    assert lab.in_flight() == {}


def test_the_progress_of_another_job_counts_for_nothing(lab: Lab, body: str) -> None:
    key = f"vision/video/progress/labels/{ObjectVersion.from_message(body).digest}.json"
    stale = {"job_id": "another", "page": 30, "token": "another/60", "restarts": 3}
    content = json.dumps(stale | {"tally": {"count": 60, "names": [["Cat", 99.0, 60, 0, 1]]}})
    lab.hand("PutObject", Bucket=RESULTS, Key=key, Body=content.encode())

    lab.settle()

    assert is_whole(lab, body)
    assert lab.document(key) is None
