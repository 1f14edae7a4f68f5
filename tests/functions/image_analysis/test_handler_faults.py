"""A fault at every call in turn: no message is lost, none is labelled twice, and no neighbour is harmed."""

import itertools
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.image_labels.lab import Answer, CrashError, Fault, Lab, raising, refusing
from tests.functions.image_labels.pictures import jpeg

IN_STEAD: Mapping[str, Answer] = {
    "throttled": refusing("ThrottlingException"),
    "server error": refusing("InternalError", 500),
    "denied": refusing("AccessDenied", 403),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "bug": raising(RuntimeError("a bug")),
    "crash": raising(CrashError()),
}
ANSWER_LOST = {kind: IN_STEAD[kind] for kind in ("timeout", "crash")}
KINDS = [(kind, False) for kind in IN_STEAD] + [(kind, True) for kind in ANSWER_LOST]
CALLS = ["PutItem", "GetObject", "DetectLabels", "PutObject", "PutItem"]
WORK = range(1, 4)
"""The places of the calls between the claim and the record of what came of it."""

FINAL = {"labelled", "refused"}


def fault(kind: str, place: int, *, after: bool = False) -> Fault:
    return Fault(answer=IN_STEAD[kind], place=place, after=after)


def test_photo_takes_the_calls_that_the_faults_below_strike(lab: Lab) -> None:
    lab.deliver(lab.upload("a.jpg", jpeg()))

    assert [call.operation for call in lab.calls] == CALLS


@pytest.mark.parametrize("place", range(len(CALLS)))
@pytest.mark.parametrize(("kind", "after"), KINDS)
def test_photo_struck_once_is_labelled_once_or_parked(lab: Lab, kind: str, place: int, *, after: bool) -> None:
    body = lab.upload("struck.jpg", jpeg())
    lab.faults = [fault(kind, place, after=after)]
    lab.drain(body, deliveries=1)
    billed_before = lab.count("DetectLabels")
    lab.faults = []

    left = lab.drain(body, deliveries=2)

    assert left == []
    parked = kind == "denied" and place in WORK
    assert lab.item(body)["status"] == "labelled"  # a message parked below is the same one, sent back
    assert len(lab.parked()) == (1 if parked else 0)
    assert billed_before <= 1
    assert lab.count("DetectLabels") <= billed_before + 1
    lab.calls.clear()
    assert lab.deliver(body) == []
    assert [call.operation for call in lab.calls] == ["PutItem"]


@pytest.mark.parametrize("place", range(len(CALLS)))
@pytest.mark.parametrize("kind", [kind for kind in IN_STEAD if kind != "crash"])
def test_fault_that_stays_ends_in_the_dead_letters_with_one_way_or_the_other(lab: Lab, kind: str, place: int) -> None:
    struck, neighbour = lab.upload("struck.jpg", jpeg()), lab.upload("neighbour.jpg", jpeg())
    lab.faults = [fault(kind, place)]

    left = lab.drain(struck, deliveries=2)
    by_hand = lab.parked()
    lab.faults = []

    parked = kind == "denied" and place in WORK
    assert (left, [body for body, _ in by_hand]) == (([], [struck]) if parked else ([struck], []))
    assert lab.item(struck).get("status") == ("failed" if parked else None if place == 0 else "working")
    assert lab.drain(struck, neighbour) == []
    assert (lab.item(struck)["status"], lab.item(neighbour)["status"]) == ("labelled", "labelled")


@pytest.mark.parametrize("kind", [kind for kind in IN_STEAD if kind != "crash"])
@pytest.mark.parametrize("operation", sorted({*CALLS}))
def test_fault_of_one_photo_harms_no_neighbour(lab: Lab, kind: str, operation: str) -> None:
    bodies = [lab.upload(f"{name}.jpg", jpeg()) for name in ("first", "struck", "last")]
    lab.faults = [Fault(answer=IN_STEAD[kind], operation=operation, about="struck.jpg")]

    again = lab.deliver(*bodies)

    assert set(again) <= {bodies[1]}
    assert [lab.item(body)["status"] for body in (bodies[0], bodies[2])] == ["labelled", "labelled"]


@pytest.mark.parametrize("kind", [kind for kind in IN_STEAD if kind != "crash"])
@pytest.mark.parametrize(("body", "place"), [("garbage", 0), ("photo", 3)])
def test_message_that_cannot_be_parked_comes_again_until_it_can(lab: Lab, kind: str, body: str, place: int) -> None:
    if body == "photo":
        body = lab.upload("a.jpg", jpeg())
    denied = Fault(operation="GetObject", answer=IN_STEAD["denied"])
    lab.faults = [denied, fault(kind, place)]

    struck = lab.drain(body, deliveries=1)
    lab.faults = [denied]

    assert struck == [body]
    assert lab.drain(body) == []
    assert [parked for parked, _ in lab.parked()] == [body]


EXAMPLES = itertools.count()
DELIVERY = st.tuples(
    st.sampled_from(("good", "other", "refused", "garbage")),
    st.none() | st.tuples(st.sampled_from(KINDS), st.integers(min_value=0, max_value=4)),
    st.sampled_from((0, 59, 61, 360)),
)
Delivery = tuple[str, tuple[tuple[str, bool], int] | None, int]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has its own keys
@given(deliveries=st.lists(DELIVERY, min_size=1, max_size=6))
def test_no_order_of_deliveries_faults_and_delays_loses_or_repeats_anything(
    lab: Lab, deliveries: list[Delivery]
) -> None:
    example = next(EXAMPLES)
    photos = {"good": jpeg(), "other": jpeg(100, 100), "refused": b"hello"}
    bodies = {name: lab.upload(f"{example}/{name}.jpg", content) for name, content in photos.items()}
    parked: list[str] = []
    final: dict[str, Mapping[str, Any]] = {}

    for name, struck, seconds in [*deliveries, *((name, None, 360) for name in [*bodies] * 2)]:
        lab.faults = [fault(struck[0][0], struck[1], after=struck[0][1])] if struck else []
        body = bodies.get(name, f"garbage {example}")
        again = [body]
        with suppress(CrashError):
            again = lab.deliver(body)
        lab.time += timedelta(seconds=seconds)
        parked += [body for body, _ in lab.parked()]

        item = lab.item(body) if name in bodies else {}
        assert again or item.get("status") in FINAL or body in parked
        assert final.get(name, item) == item
        if item.get("status") in FINAL:
            final[name] = item

    strikes = Counter(name for name, struck, _ in deliveries if struck)
    billed = {name: lab.count("DetectLabels", about=f"{example}/{name}.jpg") for name in bodies}
    assert {name: lab.item(body)["status"] for name, body in bodies.items()} == {
        "good": "labelled",
        "other": "labelled",
        "refused": "refused",
    }
    assert billed["refused"] == 0
    assert all(1 <= billed[name] <= 1 + strikes[name] for name in ("good", "other"))
