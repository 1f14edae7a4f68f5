"""Completions that are lost, repeated, early or late: each video ends with exactly one result."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from shared.object_version import ObjectVersion
from tests.functions.video_start.lab import DONE, START, CrashError, Fault, Lab, raising, refusing

HOUR = timedelta(hours=1)


def started(lab: Lab, key: str = "videos/a.mp4") -> str:
    """A video whose jobs run; the message that announced it."""
    body = lab.upload(key)
    lab.deliver(START)
    return body


def test_a_completion_that_comes_many_times_counts_once(lab: Lab) -> None:
    body = started(lab)
    [completion] = lab.end()
    for _ in range(4):
        lab.send(DONE, completion)

    lab.settle()

    assert lab.record(body)["status"] == "analysed"
    assert (len(lab.events()), lab.count("GetLabelDetection")) == (1, 1)


def test_a_completion_before_its_start_is_recorded_is_honoured(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=raising(CrashError()), after=True)]
    with pytest.raises(CrashError):
        lab.deliver(START)
    lab.cloud.faults = []
    assert "job_id" not in next(iter(lab.in_flight().values()))

    lab.end()
    lab.settle(hours=1)

    assert (lab.record(body)["status"], lab.in_flight(), len(lab.events())) == ("analysed", {}, 1)
    assert len(lab.rekognition.jobs) == 1


def test_a_crash_after_the_start_gives_the_same_job_again(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=raising(CrashError()), after=True)]
    with pytest.raises(CrashError):
        lab.deliver(START)
    lab.cloud.faults = []

    lab.settle(hours=1)
    lab.end()
    lab.settle(hours=1)

    assert (lab.record(body)["status"], len(lab.rekognition.jobs), lab.count("Start")) == ("analysed", 1, 2)


def test_a_lost_completion_is_found_by_the_sweep(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")
    for job in lab.rekognition.running():
        lab.rekognition.end(job)
    lab.time += HOUR

    swept = lab.sweep()
    lab.settle()

    assert swept == {"jobs": 2, "old": 2}
    assert (lab.record(body)["status"], lab.in_flight(), len(lab.events())) == ("analysed", {}, 1)


def test_the_sweep_leaves_young_jobs_and_those_that_run_alone(lab: Lab) -> None:
    body = started(lab)
    young = lab.sweep()
    lab.time += HOUR

    old = lab.sweep()
    lab.settle()

    assert (young["old"], old["old"]) == (0, 1)
    assert (lab.record(body)["status"], len(lab.in_flight()), lab.dead) == ("working", 1, [])
    lab.end()
    lab.settle()
    assert lab.record(body)["status"] == "analysed"


def test_a_stage_without_any_video_is_swept_in_peace(lab: Lab) -> None:
    assert lab.sweep() == {"jobs": 0, "old": 0}


def test_a_job_that_never_ends_is_given_up_after_a_day_and_begun_anew_when_sent_back(lab: Lab) -> None:
    body = started(lab)
    lab.time += 25 * HOUR
    lab.sweep()
    lab.settle()
    failed, places, [(_, letter)] = lab.record(body), lab.in_flight(), lab.dead

    lab.redrive()
    lab.settle()
    again = lab.rekognition.running()
    lab.end(again[-1])
    lab.settle()

    assert (failed["status"], failed["reason"], places) == ("failed", "labels: no result after 24 hours", {})
    assert (letter["Queue"], len(again)) == ("start", 2)
    assert (lab.record(body)["status"], lab.in_flight()) == ("analysed", {})


def test_a_job_that_rekognition_does_not_know_is_given_up(lab: Lab) -> None:
    body = started(lab)
    lab.rekognition.jobs.clear()
    lab.time += HOUR

    lab.sweep()
    lab.settle()

    assert (lab.record(body)["status"], lab.in_flight()) == ("failed", {})
    assert lab.record(body)["reason"] == "labels: Rekognition does not know the job any more"
    assert [event["status"] for event in lab.events()] == ["failed"]


def test_a_job_that_was_never_started_gives_its_place_back_after_a_day(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=raising(CrashError()))]
    with pytest.raises(CrashError):
        lab.deliver(START)
    lab.queues[START].clear()  # nobody ever delivers it again
    lab.time += 25 * HOUR

    lab.sweep()
    lab.settle()

    assert (lab.record(body)["status"], lab.in_flight()) == ("failed", {})


def test_a_late_completion_of_a_lost_job_changes_nothing(lab: Lab) -> None:
    body = started(lab)
    lab.time += 25 * HOUR
    lab.sweep()
    lab.settle()

    lab.end()
    lab.settle()

    assert lab.record(body)["status"] == "failed"
    assert lab.queues[DONE] == []


def test_a_result_that_is_not_readable_yet_is_asked_for_again_soon(lab: Lab) -> None:
    body = started(lab)
    lab.end()
    lab.job("LabelDetection").status = "IN_PROGRESS"
    before = lab.time

    lab.deliver(DONE)
    lab.job("LabelDetection").status = "SUCCEEDED"
    lab.settle(hours=1)

    assert lab.record(body)["status"] == "analysed"
    assert lab.time - before < timedelta(minutes=1)


def test_the_sweep_leaves_alone_what_somebody_fetches_at_that_moment(lab: Lab) -> None:
    started(lab)
    lab.time += HOUR
    lab.end()
    swept: list[object] = []
    lab.meanwhile(6, lambda: swept.append(lab.sweep()))

    lab.deliver(DONE)

    assert swept == [{"jobs": 1, "old": 0}]


def test_a_video_that_cannot_be_announced_is_not_fetched_again_for_it(lab: Lab) -> None:
    body = started(lab)
    lab.end()
    lab.cloud.faults = [Fault(operation="PutEvents", answer=refusing("InternalFailure", 500))]
    lab.deliver(DONE)
    lab.cloud.faults = []

    lab.settle(hours=1)

    assert (lab.record(body)["status"], lab.count("GetLabelDetection")) == ("analysed", 1)


def test_many_old_jobs_are_asked_after_in_one_sweep(lab: Lab) -> None:
    bodies = [lab.upload(f"videos/{number}.mp4") for number in range(20)]
    lab.settle()
    for job in lab.rekognition.running():
        lab.rekognition.end(job)
    lab.time += HOUR

    swept = lab.sweep()
    lab.settle(hours=1)

    assert swept["old"] == 20
    assert {lab.record(body)["status"] for body in bodies} == {"analysed"}


def test_a_sweep_that_the_queue_does_not_take_is_repeated(lab: Lab) -> None:
    started(lab)
    lab.time += HOUR
    lab.cloud.faults = [Fault(operation="SendMessageBatch", answer=refusing("InternalError", 500))]

    with pytest.raises(ClientError):
        lab.sweep()


def test_a_video_given_up_by_one_analysis_keeps_what_the_others_found(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")
    lab.cloud.faults = [Fault(operation="GetTextDetection", answer=refusing("AccessDeniedException"))]
    lab.end(lab.job("TextDetection"))
    lab.settle()
    lab.end(lab.job("LabelDetection"))
    lab.settle()
    between = lab.record(body)
    lab.cloud.faults = []

    lab.redrive()
    lab.settle()

    assert (between["status"], set(between["analyses"])) == ("failed", {"labels"})
    assert between["reason"].startswith("text: ")
    assert lab.record(body)["status"] == "analysed"
    assert set(lab.record(body)["analyses"]) == {"labels", "text"}
    assert len(lab.rekognition.jobs) == 2


def test_an_event_during_the_work_starts_nothing_that_is_done(lab: Lab) -> None:
    body = started(lab, "two/a.mp4")
    lab.end(lab.job("TextDetection"))
    lab.settle()

    lab.send(START, body)
    lab.settle()

    assert lab.count("Start") == 2
    assert [entry["analysis"] for entry in lab.in_flight().values()] == ["labels"]
    assert ObjectVersion.from_message(body).version == lab.record(body)["version"]
