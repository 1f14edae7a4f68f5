"""A fault at every call in turn: no image is lost, none is billed twice, and no neighbour is harmed."""

from collections.abc import Mapping

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.functions.image_analysis.lab import ROUTES, Lab, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Answer, Fault, raising, refusing
from tests.functions.shared.timeline import CrashError

IN_STEAD: Mapping[str, Answer] = {
    "throttled": refusing("ThrottlingException"),
    "server error": refusing("InternalError", 500),
    "denied": refusing("AccessDenied", 403),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "bug": raising(RuntimeError("a bug")),
    "crash": raising(CrashError()),
}
KINDS = [(kind, False) for kind in IN_STEAD] + [("timeout", True), ("crash", True)]
STAYING = [kind for kind in IN_STEAD if kind != "crash"]


def analysis(operation: str, *, slots: int = 2) -> list[str]:
    """The calls of one analysis; nobody has taken a slot of its API yet, which one more try of it finds out."""
    return [*["UpdateItem"] * slots, operation, "PutObject", "BatchWriteItem", "UpdateItem"]


CALLS: Mapping[str, list[str]] = {
    "photos/": ["UpdateItem", "GetObject", *analysis("DetectLabels"), "PutEvents", "UpdateItem"],
    "three/": [
        "UpdateItem",
        "GetObject",
        *analysis("DetectLabels"),
        *analysis("DetectFaces"),
        *analysis("DetectModerationLabels"),
        "PutEvents",
        "UpdateItem",
    ],
}
PLACES = [(route, place) for route, calls in CALLS.items() for place in range(len(calls))]
PARTING = {("denied", False), ("timeout", True), ("crash", False), ("crash", True)}
"""What parts one analysis of an image from the next; every kind strikes every call of an image with one."""
STRIKES = [(*place, *kind) for place in PLACES for kind in KINDS if place[0] == "photos/" or kind in PARTING]


@pytest.mark.parametrize("route", CALLS)
def test_image_takes_the_calls_that_the_faults_below_strike(lab: Lab, route: str) -> None:
    lab.deliver(lab.upload(f"{route}a.jpg", jpeg()))

    assert lab.operations() == CALLS[route]


@pytest.mark.parametrize(("route", "place", "kind", "after"), STRIKES)
def test_image_struck_once_is_analysed_and_billed_once(
    lab: Lab, route: str, place: int, kind: str, *, after: bool
) -> None:
    body = lab.upload(f"{route}struck.jpg", jpeg())
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], place=place, after=after)]
    left = lab.drain(body, deliveries=1)
    lab.cloud.faults = []
    parked = [message for message, _ in lab.parked()]

    assert lab.drain(*left, *parked) == []

    call = CALLS[route][place]
    lost = call.startswith("Detect") if after else call == "PutObject"  # the answer that was paid for is stored nowhere
    assert lab.status(body) == ("analysed", None)
    assert lab.findings(body) == names_of(*ROUTES[route])
    assert lab.billed() == len(ROUTES[route]) + lost
    assert parked == ([body] if kind == "denied" else [])
    told_twice = (after and call == "PutEvents") or (not after and place == len(CALLS[route]) - 1)
    assert len([event for event in lab.events() if event["status"] == "analysed"]) == (2 if told_twice else 1)
    lab.cloud.calls.clear()
    assert lab.deliver(body) == []
    assert lab.operations() == ["UpdateItem"]


@pytest.mark.parametrize(("route", "place"), [one for one in PLACES if one[0] == "photos/"])
@pytest.mark.parametrize("kind", STAYING)
def test_fault_that_stays_ends_in_the_dead_letters_with_a_reason_or_waits(
    lab: Lab, route: str, place: int, kind: str
) -> None:
    struck, neighbour = lab.upload(f"{route}struck.jpg", jpeg()), lab.upload(f"{route}neighbour.jpg", jpeg())
    operation = CALLS[route][place]
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], operation=operation, about="struck.jpg")]

    left = lab.drain(neighbour, struck, deliveries=12)
    parked = lab.parked()
    lab.cloud.faults = []

    assert [body for body, _ in parked] + left == [struck]
    assert all(reason.strip() for _, reason in parked)
    assert lab.drain(*left, *(body for body, _ in parked)) == []
    assert lab.drain(*(body for body, _ in lab.parked())) == []  # a bug's attempts may be over just now
    assert [lab.status(body)[0] for body in (struck, neighbour)] == ["analysed", "analysed"]
    assert lab.findings(struck) == names_of("labels")


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("GetObject", "5 attempts failed; GetObject: InternalError: said AWS"),
        ("DetectLabels", "5 attempts failed; DetectLabels: InternalError: said AWS"),
        ("PutObject", "5 attempts failed; PutObject: InternalError: said AWS"),
        ("BatchWriteItem", "5 attempts failed; BatchWriteItem: InternalError: said AWS"),
        ("PutEvents", "PutEvents: InternalError: said AWS"),
    ],
)
def test_image_that_fails_five_times_is_parked_with_the_last_reason(lab: Lab, operation: str, reason: str) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation=operation, answer=IN_STEAD["server error"])]

    assert len(lab.drain(body, deliveries=4)) == 1
    assert lab.drain(body, deliveries=1) == []

    ((parked, why),) = lab.parked()
    assert (parked, lab.status(body)) == (body, ("failed", why))
    assert reason in why


def test_image_that_kills_the_function_every_time_is_parked_after_five_attempts(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="GetObject", answer=IN_STEAD["crash"])]

    assert lab.drain(body, deliveries=5) == [body]
    assert lab.drain(body, deliveries=1) == []

    assert lab.parked() == [
        (body, "5 attempts failed; none of them could say why: a timeout, or too little memory"),
    ]
    assert lab.count("GetObject") == 5


@pytest.mark.parametrize("operation", ["GetObject", "DetectLabels", "BatchWriteItem", "PutEvents"])
def test_throttled_image_waits_for_as_long_as_it_takes_and_no_attempt_is_counted(lab: Lab, operation: str) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation=operation, answer=IN_STEAD["throttled"])]

    left = lab.drain(body, deliveries=30)
    waiting = lab.item(body)
    lab.cloud.faults = []

    assert left == [body]
    assert (waiting["status"], waiting["attempts"]) == ("working", 0)
    assert lab.drain(body, deliveries=1) == []
    assert (lab.status(body)[0], lab.billed(), lab.parked()) == ("analysed", 1, [])


def test_answer_that_s3_takes_too_many_of_is_not_paid_for_without_end(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="PutObject", answer=refusing("SlowDown", 503))]

    left = lab.drain(body, deliveries=30)

    assert (left, lab.billed()) == ([], 5)
    assert lab.parked() == [(body, "5 attempts failed; PutObject: SlowDown: said AWS")]


def test_one_throttled_call_holds_everybody_back_and_is_made_again_at_once(lab: Lab) -> None:
    body, began = lab.upload("photos/a.jpg", jpeg()), lab.timeline.seconds
    lab.cloud.faults = [Fault(operation="DetectLabels", answer=IN_STEAD["throttled"], place=4)]

    again = lab.deliver(body)

    assert again == []
    assert lab.timeline.seconds == pytest.approx(began + 0.5)
    assert (lab.count("DetectLabels"), lab.billed()) == (2, 1)


def test_image_denied_one_analysis_of_three_gets_the_others_and_the_last_after_the_redrive(lab: Lab) -> None:
    body = lab.upload("three/a.jpg", jpeg())
    lab.cloud.faults = [Fault(operation="DetectFaces", answer=IN_STEAD["denied"])]
    lab.deliver(body)
    ((parked, reason),) = lab.parked()
    half = lab.findings(body)
    lab.cloud.faults = []

    again = lab.deliver(parked)

    assert reason == "faces: DetectFaces: AccessDenied: said AWS"
    assert half == names_of("labels", "moderation")
    assert again == []
    assert lab.findings(body) == names_of(*ROUTES["three/"])
    assert lab.billed() == 3
    assert [event["status"] for event in lab.events()] == ["failed", "analysed"]


@pytest.mark.parametrize("kind", STAYING)
@pytest.mark.parametrize("operation", sorted({*CALLS["photos/"]}))
def test_fault_of_one_image_harms_no_neighbour(lab: Lab, kind: str, operation: str) -> None:
    bodies = [lab.upload(f"photos/{name}.jpg", jpeg()) for name in ("first", "last", "struck")]
    lab.cloud.faults = [Fault(answer=IN_STEAD[kind], operation=operation, about="struck.jpg")]

    again = lab.deliver(*bodies)

    assert set(again) <= {bodies[2]}
    assert [lab.status(body)[0] for body in bodies[:2]] == ["analysed", "analysed"]


@pytest.mark.parametrize("kind", STAYING)
@pytest.mark.parametrize("body", ["garbage", "image"])
def test_message_that_cannot_be_parked_comes_again_until_it_can(lab: Lab, kind: str, body: str) -> None:
    if body == "image":
        body = lab.upload("photos/a.jpg", jpeg())
    denied = Fault(operation="GetObject", answer=IN_STEAD["denied"])
    lab.cloud.faults = [denied, Fault(operation="SendMessage", answer=IN_STEAD[kind])]

    struck = lab.drain(body, deliveries=2)
    lab.cloud.faults = [denied]

    assert struck == [body]
    assert lab.drain(body) == []
    assert [parked for parked, _ in lab.parked()] == [body]


def test_event_of_a_refusal_that_cannot_be_sent_is_sent_later(lab: Lab) -> None:
    body = lab.upload("photos/a.jpg", b"x")
    lab.cloud.faults = [Fault(operation="PutEvents", answer=IN_STEAD["server error"])]
    struck = lab.drain(body, deliveries=2)
    lab.cloud.faults = []

    left = lab.drain(*struck)

    assert (struck, left) == ([body], [])
    assert lab.status(body)[0] == "refused"
    assert [event["status"] for event in lab.events()] == ["refused"]
