"""The same pipeline on moto's DynamoDB and S3: the expressions are DynamoDB's own, and botocore sends every call."""

from dataclasses import replace

import pytest

from tests.functions.video_start.lab import DONE, START, CrashError, Fault, Lab, raising, refusing
from video_start.settings import settings


def test_a_video_goes_through_places_pages_and_record(moto_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(settings(), jobs=1)
    monkeypatch.setattr("video_start.delivery.settings", lambda: changed)
    moto_lab.rekognition.page_size = 2
    body = moto_lab.upload("two/ü a.mp4")

    moto_lab.settle(hours=1)
    places = len(moto_lab.in_flight())
    [completion] = moto_lab.end()
    moto_lab.send(DONE, completion)
    moto_lab.settle(hours=1)
    moto_lab.end()
    moto_lab.settle(hours=1)

    assert (places, moto_lab.rekognition.most_seen) == (1, 1)
    assert moto_lab.record(body)["status"] == "analysed"
    assert (len(moto_lab.documents(body, "labels")), len(moto_lab.findings(body))) == (2, 3)
    assert (moto_lab.in_flight(), moto_lab.dead, len(moto_lab.events())) == ({}, [], 1)


def test_a_lost_and_a_parked_job_end_by_the_sweep_and_the_way_back(moto_lab: Lab) -> None:
    body = moto_lab.upload("two/a.mp4")
    moto_lab.cloud.faults = [Fault(operation="StartTextDetection", answer=raising(CrashError()), after=True)]
    with pytest.raises(CrashError):
        moto_lab.deliver(START)
    moto_lab.cloud.faults = [Fault(operation="GetTextDetection", answer=refusing("AccessDeniedException"))]
    moto_lab.end(moto_lab.job("TextDetection"))
    moto_lab.rekognition.end(moto_lab.job("LabelDetection"))

    moto_lab.conclude(rounds=2)
    moto_lab.cloud.faults = []
    moto_lab.conclude()

    assert (moto_lab.record(body)["status"], moto_lab.in_flight()) == ("analysed", {})
    assert len(moto_lab.rekognition.jobs) == 2


def test_a_job_that_rekognition_did_not_take_gives_its_place_back(moto_lab: Lab) -> None:
    moto_lab.rekognition.most = 0
    moto_lab.upload()

    moto_lab.deliver(START)

    assert moto_lab.in_flight() == {}
