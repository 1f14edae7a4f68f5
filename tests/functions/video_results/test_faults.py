"""A fault at every call in turn: every result is recorded once, and no place leaks."""

from contextlib import suppress

import pytest

from tests.functions.video_start.lab import DONE, START, CrashError, Fault, Lab
from tests.functions.video_start.test_faults import IN_STEAD, KINDS

CALLS = [
    "UpdateItem",  # the hold
    "GetItem",
    "GetObject",
    "UpdateItem",  # two writes for the first slot of an API
    "UpdateItem",
    "GetLabelDetection",
    "PutObject",
    "BatchWriteItem",
    "UpdateItem",
    "UpdateItem",
    "PutEvents",
    "UpdateItem",
    "UpdateItem",
]


@pytest.fixture
def body(lab: Lab) -> str:
    """A video whose job has ended."""
    body = lab.upload()
    lab.deliver(START)
    lab.end()
    lab.cloud.calls.clear()
    return body


def test_result_takes_the_calls_that_the_faults_below_strike(lab: Lab, body: str) -> None:
    lab.deliver(DONE)

    assert [call.operation for call in lab.cloud.calls] == CALLS
    assert lab.record(body)["status"] == "analysed"


@pytest.mark.parametrize("place", range(len(CALLS)))
@pytest.mark.parametrize(("kind", "after"), KINDS)
def test_result_struck_once_is_recorded(lab: Lab, body: str, kind: str, place: int, *, after: bool) -> None:
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], place=place, after=after)]
    with suppress(CrashError):
        lab.deliver(DONE)
    lab.cloud.faults = []

    lab.conclude()

    assert (lab.record(body)["status"], lab.in_flight(), lab.dead) == ("analysed", {}, [])
    assert set(lab.findings(body)) == {"labels: Cat", "labels: Dog"}
    assert lab.record(body)["analyses"]["labels"]["count"] == 3
    assert len(lab.rekognition.jobs) == 1
    assert 1 <= len([event for event in lab.events() if event["status"] == "analysed"]) <= 2


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_a_second_completion_during_the_first_changes_nothing(lab: Lab, body: str, place: int) -> None:
    [message] = lab.queues[DONE]
    lab.send(DONE, message.body)
    lab.meanwhile(place, lambda: lab.deliver(DONE))

    lab.deliver(DONE)
    lab.conclude()

    assert (lab.record(body)["status"], lab.in_flight(), len(lab.events())) == ("analysed", {}, 1)
    assert lab.record(body)["analyses"]["labels"]["count"] == 3


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_the_same_upload_announced_during_the_result_starts_no_other_job(lab: Lab, body: str, place: int) -> None:
    lab.send(START, body)
    lab.meanwhile(place, lambda: lab.deliver(START))

    lab.deliver(DONE)
    lab.conclude()

    assert (lab.record(body)["status"], lab.in_flight()) == ("analysed", {})
    assert len(lab.rekognition.jobs) == 1
    assert len(lab.events()) <= 2


@pytest.mark.parametrize("operation", ["GetLabelDetection", "PutObject", "BatchWriteItem", "PutEvents"])
@pytest.mark.parametrize("kind", [kind for kind in IN_STEAD if kind not in {"crash", "throttled"}])
def test_a_fault_that_stays_gives_the_place_back_and_leaves_a_dead_letter(
    lab: Lab, body: str, kind: str, operation: str
) -> None:
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], operation=operation)]
    lab.settle(hours=6)
    parked, places = list(lab.dead), lab.in_flight()
    lab.cloud.faults = []

    lab.conclude()

    assert places == {}
    assert [attributes["Queue"] for _, attributes in parked] == ["results"]
    assert (lab.record(body)["status"], lab.in_flight(), lab.dead) == ("analysed", {}, [])
    assert len(lab.rekognition.jobs) == 1
