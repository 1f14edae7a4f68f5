"""Rekognition answers 500 for a while: every video ends all the same, once, and no place stays taken."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.object_version import ObjectVersion
from tests.functions.video_start.lab import DONE, START, Fault, Lab, refusing

JOB_S = 600
STRUCK, LOST = False, True
"""Whether a Start that is answered by 500 had begun a job."""


def down(*, after: bool) -> list[Fault]:
    """Every Start is answered by 500."""
    return [Fault(operation="StartLabelDetection", answer=refusing("InternalServerError", 500), after=after)]


def live(
    lab: Lab, *, minutes: float, job_s: float = JOB_S, each_minute: Callable[[int], object] = lambda _: None
) -> None:
    """Let time pass as it does: deliveries when they are due, jobs that end after ten minutes, the hourly sweep."""
    begun: dict[str, int] = {}
    for step in range(int(minutes * 6)):
        if step % 6 == 0:
            each_minute(step // 6)
        for queue in (START, DONE):
            while lab.deliver(queue):
                assert len(lab.rekognition.running()) <= 20
        for job in lab.rekognition.running():
            if step * 10 - begun.setdefault(job.job_id, step * 10) >= job_s:
                lab.end(job)
        if step % 360 == 359:
            lab.sweep()
        lab.sleep(10)


@pytest.mark.parametrize("after", [STRUCK, LOST])
def test_ten_bad_minutes_cost_time_and_nothing_else(lab: Lab, *, after: bool) -> None:
    lab.rekognition.most = 10_000  # the functions keep the limit by themselves
    lab.cloud.faults = down(after=after)
    bodies: list[str] = []

    def arrive(minute: int) -> None:
        if minute == 10:
            lab.cloud.faults = []
        if minute < 10:
            bodies.extend(lab.upload(f"videos/{minute}-{number}.mp4") for number in range(3))

    live(lab, minutes=75, each_minute=arrive)

    assert len(bodies) == 30
    assert {lab.record(body)["status"] for body in bodies} == {"analysed"}
    assert len(lab.rekognition.jobs) == len(lab.rekognition.tokens) == 30
    assert {job.request["JobTag"] for job in lab.rekognition.jobs.values()} == {
        f"labels_{ObjectVersion.from_message(body).digest}" for body in bodies
    }
    assert (lab.in_flight(), lab.dead, {event["status"] for event in lab.events()}) == ({}, [], {"analysed"})


@pytest.mark.parametrize("after", [STRUCK, LOST])
def test_a_bad_day_leaves_dead_letters_and_no_place_taken_and_a_redrive_mends_it(lab: Lab, *, after: bool) -> None:
    lab.cloud.faults = down(after=after)
    bodies = [lab.upload(f"videos/{number}.mp4") for number in range(30)]
    live(lab, minutes=6 * 60)
    places, parked = lab.in_flight(), [body for body, _ in lab.dead]
    lab.cloud.faults = []

    lab.redrive()
    live(lab, minutes=90)

    assert places == {}
    assert set(parked) <= set(bodies)
    assert len(parked) == len(set(parked)) == (0 if after else 30)
    assert {lab.record(body)["status"] for body in bodies} == {"analysed"}
    assert len(lab.rekognition.jobs) == len(lab.rekognition.tokens) == 30
    assert (lab.in_flight(), lab.dead) == ({}, [])


def test_jobs_that_run_on_after_their_video_was_given_up_are_found_again_and_not_paid_for_twice(lab: Lab) -> None:
    lab.cloud.faults = down(after=LOST)
    bodies = [lab.upload(f"videos/{number}.mp4") for number in range(30)]
    live(lab, minutes=90, job_s=3600)
    parked = {body for body, _ in lab.dead}
    lab.cloud.faults = []

    lab.redrive()
    live(lab, minutes=4 * 60, job_s=3600)

    assert len(parked) >= 20
    assert {lab.record(body)["status"] for body in bodies} == {"analysed"}
    assert len(lab.rekognition.jobs) == len(lab.rekognition.tokens) == 30
    assert (lab.in_flight(), lab.dead) == ({}, [])


def test_videos_after_a_bad_hour_find_every_place_free_though_nobody_sends_the_dead_letters_back(lab: Lab) -> None:
    lab.cloud.faults = down(after=STRUCK)
    for number in range(20):
        lab.upload(f"videos/{number}.mp4")
    live(lab, minutes=60)
    lab.cloud.faults = []
    body = lab.upload("videos/later.mp4")

    live(lab, minutes=15)

    assert (lab.record(body)["status"], len(lab.dead)) == ("analysed", 20)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("NoSuchKey", "failed"),
        ("InvalidRange", "failed"),
        ("AccessDenied", "failed"),
        ("VideoTooLargeException", "refused"),
    ],
)
def test_whatever_ends_a_video_gives_the_place_back_that_an_unanswered_start_kept(
    lab: Lab, told: str, status: str
) -> None:
    body = lab.upload()
    lab.cloud.faults = down(after=STRUCK)
    lab.deliver(START)
    kept = len(lab.in_flight())
    lab.cloud.faults = [Fault(operation="GetObject", answer=refusing(told))]

    lab.settle(hours=1)

    assert kept == 1
    assert (lab.record(body)["status"], lab.in_flight()) == (status, {})


def test_giving_up_leaves_the_place_of_a_job_whose_name_is_known(lab: Lab) -> None:
    lab.upload("two/a.mp4")
    lab.cloud.faults = [Fault(operation="StartTextDetection", answer=refusing("InternalServerError", 500))]

    lab.settle(hours=2)

    assert [entry["analysis"] for entry in lab.in_flight().values()] == ["labels"]
    assert len(lab.dead) == 1


def test_the_job_of_a_start_whose_answer_was_lost_is_asked_for_by_the_same_token_a_day_later(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = down(after=LOST)
    lab.deliver(START)
    lab.cloud.faults = []
    lab.queues[START].clear()  # nobody delivers it again, and its completion is lost as well
    lab.rekognition.end(lab.job("LabelDetection"))
    lab.time += timedelta(hours=25)
    lab.sweep()
    lab.settle()
    lost = lab.record(body)["status"]

    lab.redrive()
    lab.settle()
    lab.time += timedelta(hours=1)
    lab.sweep()
    lab.settle()

    assert (lost, lab.record(body)["status"], lab.in_flight()) == ("failed", "analysed", {})
    assert len(lab.rekognition.jobs) == 1


def test_a_start_that_is_answered_by_500_waits_longer_each_time_and_at_most_ten_minutes(lab: Lab) -> None:
    lab.upload()
    lab.cloud.faults = down(after=STRUCK)
    waits = []

    while lab.queues[START]:
        lab.deliver(START)
        waits += [(message.visible_at - lab.time).total_seconds() for message in lab.queues[START]]
        lab.sleep(601)

    assert waits == [11, 21, 41, 81, 161, 321, 601]
