"""A fault at every call in turn: no video is lost, no job is paid for twice, and no place leaks."""

from collections.abc import Mapping
from contextlib import suppress

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.functions.video_start.lab import START, Answer, CrashError, Fault, Lab, raising, refusing

IN_STEAD: Mapping[str, Answer] = {
    "throttled": refusing("ThrottlingException"),
    "server error": refusing("InternalServerError", 500),
    "denied": refusing("AccessDeniedException"),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "bug": raising(RuntimeError("a bug")),
    "crash": raising(CrashError()),
}
KINDS = [(kind, False) for kind in IN_STEAD] + [("timeout", True), ("crash", True), ("server error", True)]
CALLS = [
    "UpdateItem",  # the claim
    "GetObject",
    "UpdateItem",  # the first job finds no item of jobs
    "UpdateItem",
    "UpdateItem",
    "GetItem",
    "UpdateItem",  # two writes for the first slot of an API
    "UpdateItem",
    "StartLabelDetection",
    "UpdateItem",
    "UpdateItem",
    "GetItem",
    "UpdateItem",
    "UpdateItem",
    "StartTextDetection",
    "UpdateItem",
    "UpdateItem",
]


def test_video_takes_the_calls_that_the_faults_below_strike(lab: Lab) -> None:
    lab.upload("two/a.mp4")

    lab.deliver(START)

    assert [call.operation for call in lab.cloud.calls] == CALLS


@pytest.mark.parametrize("place", range(len(CALLS)))
@pytest.mark.parametrize(("kind", "after"), KINDS)
def test_video_struck_once_is_analysed_once(lab: Lab, kind: str, place: int, *, after: bool) -> None:
    body = lab.upload("two/a.mp4")
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], place=place, after=after)]
    with suppress(CrashError):
        lab.deliver(START)
    lab.cloud.faults = []

    lab.conclude()

    assert lab.record(body)["status"] == "analysed"
    assert set(lab.record(body)["analyses"]) == {"labels", "text"}
    assert len(lab.rekognition.jobs) == 2
    assert (lab.in_flight(), lab.dead) == ({}, [])
    assert lab.events()[-1]["status"] == "analysed"


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_completions_during_the_start_are_honoured(lab: Lab, place: int) -> None:
    body = lab.upload("two/a.mp4")
    lab.meanwhile(place, lambda: (lab.end(), lab.deliver("https://sqs/results"), lab.deliver("https://sqs/results")))

    lab.deliver(START)
    lab.conclude()

    assert lab.record(body)["status"] == "analysed"
    assert (len(lab.rekognition.jobs), lab.in_flight(), len(lab.events())) == (2, {}, 1)


@pytest.mark.parametrize("operation", ["GetObject", "StartLabelDetection"])
@pytest.mark.parametrize("kind", [kind for kind in IN_STEAD if kind not in {"crash", "throttled"}])
def test_a_fault_that_stays_ends_in_the_dead_letters_and_passes_when_it_is_mended(
    lab: Lab, kind: str, operation: str
) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], operation=operation)]
    for _ in range(8):
        lab.settle(hours=1)
        lab.sleep(1000)
    struck, parked = lab.record(body), list(lab.dead)
    lab.cloud.faults = []

    lab.conclude()

    assert (struck["status"], len(parked)) == ("failed", 1)
    assert parked[0][1]["Queue"] == "start"
    assert lab.record(body)["status"] == "analysed"
    assert len(lab.rekognition.jobs) == 1
