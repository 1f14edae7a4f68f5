"""Batches of a backfill: each object once, whatever its neighbours meet, and what must come again says so."""

import json
from typing import Any

import pytest

from image_analysis import handler
from shared.come_again import ComeAgainError
from shared.object_version import ObjectVersion
from tests.functions.image_analysis.lab import UNVERSIONED, Lab, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Fault, raising, refusing


def batch(lab: Lab, *objects: object, analyses: object = None) -> dict[str, Any]:
    event: dict[str, Any] = {"bucket": "media", "objects": objects, "analyses": analyses}
    return handler.handle(json.loads(json.dumps(event)), lab.context())


def test_batch_gets_the_analyses_of_its_routes(moto_lab: Lab) -> None:
    bodies = [moto_lab.upload(f"{folder}/{number}.jpg", jpeg()) for folder in ("photos", "three") for number in "12"]

    answer = moto_lab.backfill(*bodies)

    assert answer == {"objects": 4}
    assert [moto_lab.status(body)[0] for body in bodies] == ["analysed"] * 4
    assert moto_lab.findings(bodies[2]) == names_of("labels", "faces", "moderation")


def test_batch_gets_the_analyses_that_it_asks_for(lab: Lab) -> None:
    body = lab.upload("elsewhere/a b+c%2F😀.jpg", jpeg(), UNVERSIONED)

    lab.backfill(body, analyses=["text", "labels"], bucket=UNVERSIONED)

    assert lab.findings(body) == names_of("labels", "text")


def test_object_outside_of_every_route_is_left_alone(lab: Lab) -> None:
    body = lab.upload("elsewhere/a.jpg", jpeg())

    answer = lab.backfill(body)

    assert (answer, lab.operations(), lab.item(body)) == ({"objects": 1}, [], {})


def test_object_that_the_queue_has_done_is_not_paid_again(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.deliver(body)

    lab.backfill(body)

    assert (lab.billed(), len(lab.events())) == (1, 1)


def test_batch_comes_again_for_the_throttled_object_and_its_neighbours_are_done(lab: Lab) -> None:
    bodies = [lab.upload(f"photos/{name}.jpg", jpeg()) for name in ("one", "two", "slow")]
    lab.cloud.faults = [Fault(operation="GetObject", about="slow", answer=refusing("SlowDown", 503))]

    with pytest.raises(ComeAgainError, match=r"^1 of 3 must come again: GetObject: SlowDown"):
        lab.backfill(*bodies)
    lab.cloud.faults = []
    answer = lab.backfill(*bodies)

    assert answer == {"objects": 3}
    assert [lab.status(body)[0] for body in bodies] == ["analysed"] * 3
    assert lab.billed() == 3


def test_bug_in_one_object_leaves_its_neighbours_alone(lab: Lab) -> None:
    bodies = [lab.upload(f"photos/{name}.jpg", jpeg()) for name in ("before", "struck", "behind")]
    lab.cloud.faults = [Fault(operation="GetObject", about="struck", answer=raising(RuntimeError("a bug")))]

    with pytest.raises(ComeAgainError, match="a bug"):
        lab.backfill(*bodies)

    assert [lab.status(body)[0] for body in bodies] == ["analysed", "working", "analysed"]


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"key": "photos/a", "size": 1},
        {"key": "photos/a", "size": "1", "etag": "e"},
        {"key": "", "size": 1, "etag": "e"},
        {"key": "photos/a", "size": 1, "etag": "e", "version_id": []},
        {"key": "photos/a", "size": 1, "etag": "e", "version_id": {"a": 1}},
    ],
)
def test_what_is_no_object_is_parked_and_its_neighbours_are_done(lab: Lab, described: dict[str, object]) -> None:
    good = ObjectVersion.from_message(lab.upload("photos/good.jpg", jpeg()))
    other = {"key": good.key, "size": good.size, "etag": good.etag, "version_id": good.version_id}

    answer = batch(lab, described, other)

    ((body, reason),) = lab.parked()
    assert answer == {"objects": 2}
    assert json.loads(body) == described
    assert reason.startswith("not an object of a backfill: not ")
    assert lab.billed() == 1


@pytest.mark.parametrize("analyses", [["nonsense"], ["labels", 7], "labels", {"labels": 1}])
def test_batch_that_asks_for_what_is_not_on_fails_before_anything_is_done(lab: Lab, analyses: object) -> None:
    lab.upload("photos/a.jpg", jpeg())

    with pytest.raises(ValueError, match="the profile has no such analyses"):
        batch(lab, {"key": "photos/a.jpg", "size": 1, "etag": "e"}, analyses=analyses)

    assert lab.operations() == []


@pytest.mark.parametrize("analyses", [["labels", "text"], None])
def test_dead_letter_of_a_backfill_gets_what_the_backfill_asked_for_when_it_is_sent_back(
    lab: Lab, analyses: list[str] | None
) -> None:
    folder = "elsewhere" if analyses else "photos"
    body = lab.upload(f"{folder}/a\ufffe\x01.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="GetObject", answer=refusing("AccessDenied", 403))]
    lab.backfill(body, analyses=analyses)
    ((parked, _),) = lab.parked()
    lab.cloud.faults = []

    again = lab.deliver(parked)

    assert again == []
    assert parked.isascii()
    assert lab.status(body) == ("analysed", None)
    assert lab.findings(body) == names_of(*(analyses or ["labels"]))


@pytest.mark.parametrize("analyses", [["nonsense"], "labels", 7])
def test_message_that_asks_for_what_is_not_on_is_parked(lab: Lab, analyses: object) -> None:
    event = json.loads(lab.upload("photos/a.jpg", jpeg()))
    event["detail"]["analyses"] = analyses

    again = lab.deliver(json.dumps(event))

    ((_, reason),) = lab.parked()
    assert (again, lab.billed()) == ([], 0)
    assert reason.startswith("the profile has no such analyses")


def test_batch_without_enough_time_comes_again_with_what_is_left(lab: Lab) -> None:
    bodies = [lab.upload(f"photos/{number}.jpg", jpeg()) for number in range(5)]
    lab.cloud.wait = lambda call, _done: lab.timeline.sleep(6 if call.operation == "DetectLabels" else 0)

    with pytest.raises(ComeAgainError, match=r"^2 of 5 must come again: too little time") as late:
        lab.backfill(*bodies)

    assert late.value.seconds == 2
    assert lab.backfill(*bodies) == {"objects": 5}
    assert lab.billed() == 5
