"""Deliveries of one object side by side, in every order and with every delay: one result, paid as seldom as can be."""

import itertools
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functions.image_analysis.lab import FUNCTION_TIMEOUT_S, ROUTES, Lab, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Call, Fault, raising, refusing
from tests.functions.shared.timeline import CrashError

EXAMPLES = itertools.count()
PICTURE = jpeg()
SHORT, LONG = (0.0, 0.01, 0.5, 3.0), (0.0, 0.5, 3.0, 30.0, 61.0)
"""How long a call's way may take: within the lease, or so that the lease ends under it."""
Ways = tuple[int, list[float], list[float]]


def ways(delays: Sequence[float]) -> st.SearchStrategy[Ways]:
    """How many deliveries, when each begins, and how long each call's ways take, in order."""
    return st.tuples(
        st.integers(2, 3),
        st.lists(st.sampled_from(delays), min_size=3, max_size=3),
        st.lists(st.sampled_from(delays), max_size=60),
    )


def side_by_side(lab: Lab, body: str, drawn: Ways) -> list[bool]:
    """Deliver the same message several times at once; which of them must come again."""
    count, starts, delays = drawn
    left, again = iter(delays), []

    def wait(_call: Call, _done: bool) -> None:  # noqa: FBT001 (as the cloud calls it)
        lab.timeline.sleep(next(left, 0.0))

    def deliver() -> None:
        again.append(bool(lab.deliver(body)))

    lab.cloud.wait = wait
    for start in starts[:count]:
        lab.timeline.begin(deliver, after=start)
    lab.timeline.run()
    lab.cloud.wait = lambda _call, _done: None
    return again


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has its own key
@given(drawn=ways(SHORT))
def test_deliveries_side_by_side_within_the_lease_pay_once_and_tell_once(lab: Lab, drawn: Ways) -> None:
    key = f"three/{next(EXAMPLES)}.jpg"
    body = lab.upload(key, PICTURE)

    again = side_by_side(lab, body, drawn)

    # Three analyses of six slow calls may take longer than one delivery has; whoever waits then comes again.
    lab.timeline.sleep(2 * FUNCTION_TIMEOUT_S)
    assert not all(again) or lab.drain(body) == []
    assert lab.status(body) == ("analysed", None)
    assert lab.billed(key) == len(ROUTES["three/"])
    assert lab.findings(body) == names_of(*ROUTES["three/"])
    assert len(lab.events(about=key)) == 1


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has its own key
@given(drawn=ways(LONG))
def test_delivery_that_outlives_its_lease_changes_nothing_that_is_final(lab: Lab, drawn: Ways) -> None:
    key = f"photos/{next(EXAMPLES)}.jpg"
    body = lab.upload(key, PICTURE)
    finals: list[dict[str, object]] = []

    def remember(call: Call, done: bool) -> None:  # noqa: FBT001 (as the cloud calls it)
        waits(call, done)
        item = dict(lab.item(body))
        if item.get("status") == "analysed" and item not in finals:
            finals.append(item)

    again = side_by_side(lab, body, drawn)
    waits, lab.cloud.wait = lab.cloud.wait, remember
    assert not all(again) or lab.drain(body) == []
    lab.deliver(body)
    lab.cloud.wait = waits

    assert lab.status(body) == ("analysed", None)
    assert lab.findings(body) == names_of("labels")
    assert 1 <= lab.billed(key) <= drawn[0] + 1
    assert len(finals) == 1
    assert {event["status"] for event in lab.events(about=key)} == {"analysed"}


def test_delivery_whose_lease_ended_hands_over_to_the_one_that_took_it(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", PICTURE)
    answers = []

    def slow() -> None:
        answers.append(("slow", bool(lab.deliver(body))))

    def quick() -> None:
        answers.append(("quick", bool(lab.deliver(body))))

    def wait(call: Call, done: bool) -> None:  # noqa: FBT001 (as the cloud calls it)
        if call.operation == "DetectLabels" and done and lab.billed() == 1:
            lab.timeline.sleep(2 * FUNCTION_TIMEOUT_S)

    lab.cloud.wait = wait
    lab.timeline.begin(slow)
    lab.timeline.begin(quick, after=FUNCTION_TIMEOUT_S + 1)
    lab.timeline.run()

    assert answers == [("quick", False), ("slow", True)]
    assert list(lab.cloud.hidden.values()) == [3]  # it looks soon whether the other has done it
    assert (lab.status(body), lab.billed(), len(lab.events())) == (("analysed", None), 2, 1)
    assert lab.deliver(body) == []


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_image_comes_again_where_the_ledger_cannot_be_asked_now(lab: Lab, code: str) -> None:
    body = lab.upload("photos/a.jpg", PICTURE)
    lab.cloud.faults = [Fault(operation="UpdateItem", answer=refusing(code, 500))]

    again = lab.deliver(body)

    assert (again, lab.parked()) == ([body], [])
    assert lab.operations() == ["UpdateItem", "ChangeMessageVisibility"]


def test_image_that_cannot_be_released_waits_for_the_end_of_its_lease(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", PICTURE)
    lab.cloud.faults = [
        Fault(operation="GetObject", answer=refusing("InternalError", 500)),
        Fault(operation="UpdateItem", place=2, answer=refusing("InternalServerError", 500)),
    ]

    hidden = []
    for _ in range(2):
        lab.deliver(body)
        hidden.append(list(lab.cloud.hidden.values())[-1])

    assert hidden == [11, 61]


def test_answer_of_the_last_write_that_was_lost_takes_nothing_back(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", PICTURE)
    lost = Fault(
        operation="UpdateItem", about="status#analysed", answer=refusing("InternalServerError", 500), after=True
    )
    lab.cloud.faults = [lost]

    left = lab.drain(body)

    assert left == []
    assert (lab.status(body), lab.parked()) == (("analysed", None), [])


def test_image_whose_lease_is_held_by_a_dead_function_is_taken_the_moment_it_ends(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", PICTURE)
    lab.cloud.faults = [Fault(operation="GetObject", answer=raising(CrashError()))]
    with suppress(CrashError):
        lab.deliver(body)
    lab.cloud.faults = []
    lab.timeline.sleep(FUNCTION_TIMEOUT_S)

    assert lab.deliver(body) == []
    assert lab.status(body) == ("analysed", None)


def test_refusal_takes_nothing_back_that_was_found_before(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    body = lab.upload("three/a.jpg", PICTURE)
    lab.cloud.faults = [Fault(operation="DetectFaces", answer=refusing("InternalServerError", 500))]
    lab.drain(body, deliveries=1)
    lab.cloud.faults = []
    monkeypatch.setattr("image_analysis.limits.MAX_BYTES", 1)  # AWS takes less from one day to the next

    left = lab.drain(body)

    assert left == []
    assert {name: one["status"] for name, one in lab.item(body)["analyses"].items()} == {
        "labels": "found",
        "faces": "refused",
        "moderation": "refused",
    }
