"""Repetition: what is over stays over, what is not over is tried again, and Rekognition is paid once."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.object_version import ObjectVersion
from tests.functions.image_analysis.lab import MEDIA, UNVERSIONED, Lab, environment, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Fault, raising, refusing
from tests.functions.shared.timeline import CrashError


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads change places as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def test_poison_image_is_refused_once_and_never_looked_at_again(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg(79, 500))

    deliveries = [lab.deliver(body) for _ in range(3)]

    reason = "labels: the image is 79 x 500 pixels; DetectLabels needs at least 80 on each side"
    assert deliveries == [[], [], []]
    assert lab.status(body) == ("refused", reason)
    assert (lab.count("GetObject"), lab.billed(), lab.parked(), len(lab.events())) == (1, 0, [], 1)


def test_parked_image_is_analysed_when_it_is_sent_back_after_the_permission_was_mended(moto_lab: Lab) -> None:
    body = moto_lab.upload("photos/a.jpg", jpeg())
    moto_lab.cloud.faults = [Fault(operation="DetectLabels", answer=refusing("AccessDeniedException"))]
    moto_lab.deliver(body)
    moto_lab.cloud.faults = []

    again = moto_lab.deliver(*(parked for parked, _ in moto_lab.parked()))

    assert again == []
    assert moto_lab.status(body) == ("analysed", None)


def test_unversioned_image_that_was_gone_is_analysed_when_the_same_content_comes_back(lab: Lab) -> None:
    first = lab.upload("photos/a.jpg", jpeg(100, 100), UNVERSIONED)
    lab.upload("photos/a.jpg", jpeg(200, 200), UNVERSIONED)
    lab.deliver(first)
    gone = lab.status(first)
    back = lab.upload("photos/a.jpg", jpeg(100, 100), UNVERSIONED)

    again = lab.deliver(back)

    assert gone == ("failed", "the object was overwritten before it was read")
    assert again == []
    assert lab.status(back) == ("analysed", None)


def test_overwritten_image_of_a_suspended_bucket_is_analysed_anew(lab: Lab) -> None:
    bodies = []

    for width in (100, 200):
        body = json.loads(lab.upload("photos/a.jpg", jpeg(width, 100), UNVERSIONED))
        body["detail"]["object"]["version-id"] = "null"  # as S3 names it for both
        bodies.append(json.dumps(body))
        lab.deliver(bodies[-1])

    assert [lab.item(body)["width"] for body in bodies] == [100, 200]


def test_events_out_of_order_are_each_about_their_own_version(lab: Lab) -> None:
    old, new = lab.upload("photos/a.jpg", jpeg(100, 100)), lab.upload("photos/a.jpg", jpeg(200, 100))

    again = [lab.deliver(body) for body in (new, old, new, old)]

    versions = [ObjectVersion.from_message(body).version for body in (new, old)]
    assert again == [[], [], [], []]
    assert [lab.item(body)["width"] for body in (old, new)] == [100, 200]
    assert [event["version"] for event in lab.events()] == versions


def test_redelivery_of_an_analysed_image_costs_one_look_at_the_ledger(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())
    lab.deliver(body)
    lab.cloud.calls.clear()

    again = lab.deliver(body)

    assert again == []
    assert lab.operations() == ["UpdateItem"]


def test_same_event_a_hundred_times_is_analysed_once(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())

    deliveries = [lab.deliver(*[body] * 10) for _ in range(10)]

    assert deliveries == [[]] * 10
    assert (lab.billed(), len(lab.events()), len(lab.events("Content Flagged"))) == (3, 1, 1)


@pytest.mark.usefixtures("hasty")
def test_same_event_a_hundred_times_at_once_is_analysed_once(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())

    with ThreadPoolExecutor(10) as pool:
        again = [left for leftover in pool.map(lambda _: lab.deliver(*[body] * 10), range(10)) for left in leftover]
    lab.timeline.sleep(60)

    assert (lab.billed(), len(lab.events())) == (3, 1)
    assert lab.status(body) == ("analysed", None)
    assert lab.deliver(*again) == []
    assert lab.billed() == 3


def test_image_whose_function_died_waits_for_the_lease_and_is_not_paid_again(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="BatchWriteItem", answer=raising(CrashError()))]
    with pytest.raises(CrashError):
        lab.deliver(body)
    lab.cloud.faults = []

    too_early = lab.deliver(body)
    hidden = list(lab.cloud.hidden.values())
    lab.timeline.sleep(hidden[-1])
    again = lab.deliver(body)

    assert (too_early, hidden) == ([body], [61])
    assert again == []
    assert lab.status(body) == ("analysed", None)
    assert (lab.billed(), lab.findings(body)) == (1, names_of("labels"))


def test_analysis_added_to_the_profile_is_done_without_repeating_the_others(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.deliver(body)
    monkeypatch.setenv("ANALYSES", environment(routes={"photos/": ["labels", "text"]})["ANALYSES"])
    lab.cloud.calls.clear()
    from image_analysis.settings import settings  # noqa: PLC0415  # read again with what was set just now

    settings.cache_clear()

    again = lab.deliver(body)

    assert again == []
    assert (lab.count("DetectLabels"), lab.count("DetectText")) == (0, 1)
    assert lab.findings(body) == names_of("labels", "text")
    assert [sorted(event["analyses"]) for event in lab.events()] == [["labels"], ["labels", "text"]]
    assert lab.events()[1]["analyses"]["labels"] == lab.events()[0]["analyses"]["labels"]


def test_image_refused_by_its_bytes_is_refused_for_an_analysis_added_later_too(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = lab.upload("photos/a.jpg", b"hello")
    lab.deliver(body)
    monkeypatch.setenv("ANALYSES", environment(routes={"photos/": ["labels", "text"]})["ANALYSES"])
    from image_analysis.settings import settings  # noqa: PLC0415  # as above

    settings.cache_clear()

    deliveries = [lab.deliver(body) for _ in range(2)]

    assert deliveries == [[], []]
    assert {name: one["status"] for name, one in lab.item(body)["analyses"].items()} == {
        "labels": "refused",
        "text": "refused",
    }
    assert (lab.billed(), len(lab.events())) == (0, 2)


def test_search_that_finds_no_face_is_an_answer_and_not_asked_again(lab: Lab) -> None:
    body = lab.upload("all/a.jpg", jpeg())
    nothing = refusing("InvalidParameterException", message="There are no faces in the image. Should be at least 1.")
    lab.cloud.faults = [
        Fault(operation="SearchFacesByImage", answer=nothing),
        Fault(operation="PutEvents", answer=raising(CrashError())),
    ]
    lab.drain(body, deliveries=1)
    lab.cloud.faults = []

    assert lab.drain(body) == []

    assert lab.item(body)["analyses"]["people"]["count"] == 0
    assert lab.document(body, "people")["response"] == {}
    assert lab.count("SearchFacesByImage") == 1


def test_other_error_of_a_search_is_no_answer(lab: Lab) -> None:
    body = lab.upload("all/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="SearchFacesByImage", answer=refusing("InvalidParameterException"))]

    lab.deliver(body)

    ((_, reason),) = lab.parked()
    assert reason == "people: SearchFacesByImage: InvalidParameterException: said AWS"


def test_deleted_image_is_recorded_and_not_parked(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    version = ObjectVersion.from_message(body).version_id
    lab.hand("DeleteObject", Bucket=MEDIA, Key="photos/a.jpg", VersionId=version)

    again = lab.deliver(body)

    assert again == []
    assert lab.status(body) == ("failed", "the object was deleted before it was read")
    assert (lab.parked(), [event["status"] for event in lab.events()]) == ([], ["failed"])
