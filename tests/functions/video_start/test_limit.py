"""The account's places for jobs: never one more in flight, nobody forgotten, nobody started twice."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from shared.object_version import ObjectVersion
from tests.functions.video_start.lab import START, CrashError, Fault, Lab, raising, refusing
from video_start.settings import settings

Limit = Callable[[int], None]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> Limit:
    """Sets the most jobs in flight, for the profile and at Rekognition."""

    def limit(most: int) -> None:
        lab.rekognition.most = most
        changed = replace(settings(), jobs=most)
        monkeypatch.setattr("video_start.delivery.settings", lambda: changed)

    return limit


@pytest.mark.parametrize("seed", range(3))
def test_thirty_videos_share_twenty_places_until_each_has_its_result(lab: Lab, seed: int) -> None:
    random = Random(seed)  # noqa: S311 (no secret)
    bodies = [lab.upload(f"two/{number}.mp4") for number in range(30)]
    lab.rekognition.most = 10_000  # the functions keep the limit by themselves

    while any(lab.queues.values()) or lab.rekognition.running():
        for queue in lab.queues:
            lab.deliver(queue)
        running = lab.rekognition.running()
        assert len(running) <= len(lab.in_flight()) <= 20
        if running and random.random() < 0.3:
            lab.end(random.choice(running))
        lab.sleep(random.choice([0, 1, 20]))

    assert {lab.record(body)["status"] for body in bodies} == {"analysed"}
    assert lab.rekognition.most_seen == 20
    assert len(lab.rekognition.tokens) == len(lab.rekognition.jobs) == 60
    assert (lab.in_flight(), lab.dead, len(lab.events())) == ({}, [], 30)


def test_waiting_for_a_place_is_no_failed_attempt(lab: Lab, limit: Limit) -> None:
    limit(1)
    first, second = lab.upload("videos/1.mp4"), lab.upload("videos/2.mp4")

    lab.settle(hours=20)
    waited = lab.record(second)
    lab.end()
    lab.settle(hours=20)
    lab.end()
    lab.settle()

    assert (waited["attempts"], waited["reason"]) == (0, "1 jobs are in flight already")
    assert (lab.record(first)["status"], lab.record(second)["status"], lab.dead) == ("analysed", "analysed", [])


def test_who_has_waited_long_looks_less_often(lab: Lab, limit: Limit) -> None:
    limit(1)
    lab.upload("videos/1.mp4")
    lab.deliver(START)
    lab.upload("videos/2.mp4")
    waits = []

    for _ in range(30):
        lab.deliver(START)
        waits.append((lab.queues[START][0].visible_at - lab.time).total_seconds())
        lab.time = lab.queues[START][0].visible_at

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (31, 601)
    assert 1000 * waits[-1] > 6 * 24 * 3600  # so long it may wait before the queue itself gives it up


def test_a_place_that_another_user_of_the_account_has_is_waited_for(lab: Lab) -> None:
    lab.rekognition.most = 0
    body = lab.upload()

    lab.settle(hours=3)
    waited = (lab.record(body)["attempts"], lab.in_flight(), lab.queues[START][0].received)
    lab.rekognition.most = 20
    lab.settle(hours=4)
    lab.end()
    lab.settle()

    assert waited[:2] == (0, {})
    assert waited[2] > 10
    assert (lab.record(body)["status"], len(lab.rekognition.jobs)) == ("analysed", 1)


def test_to_wait_for_a_place_of_the_account_takes_no_time_of_the_function(lab: Lab) -> None:
    lab.rekognition.most = 0
    lab.upload()
    before = lab.time

    lab.deliver(START)

    assert (lab.time - before).total_seconds() < 1
    assert lab.count("StartLabelDetection") == 1


def test_a_video_with_more_analyses_than_places_gets_one_after_the_other(lab: Lab, limit: Limit) -> None:
    limit(2)
    body = lab.upload("all/a.mp4")

    for _ in range(5):
        lab.settle(hours=1)
        lab.end(lab.rekognition.running()[0])
        lab.settle(hours=1)

    assert (lab.record(body)["status"], len(lab.record(body)["analyses"])) == ("analysed", 5)
    assert (lab.rekognition.most_seen, len(lab.rekognition.jobs)) == (2, 5)


def test_starts_keep_the_rate_of_their_api(lab: Lab) -> None:
    for number in range(10):
        lab.upload(f"videos/{number}.mp4")
    before = lab.time

    while lab.deliver(START):
        pass

    assert len(lab.rekognition.jobs) == 10
    assert (lab.time - before).total_seconds() >= 9 / 5


def test_a_throttled_start_is_tried_again_and_holds_its_place_only_once(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=refusing("ThrottlingException"))]
    lab.deliver(START)
    waiting = (lab.record(body)["attempts"], lab.in_flight())
    lab.cloud.faults = []

    lab.settle(hours=1)

    assert waiting == (0, {})
    assert (len(lab.in_flight()), len(lab.rekognition.jobs)) == (1, 1)


def test_a_delivery_that_dies_between_place_and_job_is_counted_once(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=raising(CrashError()))]
    for _ in range(3):
        with pytest.raises(CrashError):
            lab.deliver(START)
        lab.sleep(360)
    lab.cloud.faults = []

    places = len(lab.in_flight())
    lab.conclude()

    assert (places, len(lab.rekognition.jobs)) == (1, 1)
    assert lab.record(body)["status"] == "analysed"


def test_a_delivery_that_dies_again_and_again_is_given_up_with_a_reason(lab: Lab) -> None:
    body = lab.upload()
    lab.cloud.faults = [Fault(operation="StartLabelDetection", answer=raising(CrashError()))]
    for _ in range(8):
        with pytest.raises(CrashError):
            lab.deliver(START)
        lab.sleep(360)

    lab.deliver(START)

    assert (lab.record(body)["status"], lab.queues[START], lab.in_flight()) == ("failed", [], {})
    assert lab.record(body)["reason"].startswith("8 attempts failed; none of them could say why")
    assert [(parked, attributes["Queue"]) for parked, attributes in lab.dead] == [(body, "start")]


def test_each_version_of_an_object_is_a_video_of_its_own(lab: Lab) -> None:
    bodies = [lab.upload(), lab.upload()]

    lab.settle()

    assert len(lab.rekognition.jobs) == 2
    assert len({ObjectVersion.from_message(body).version for body in bodies}) == 2
