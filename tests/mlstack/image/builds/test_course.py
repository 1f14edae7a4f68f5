"""From an order to an image in ECR: built once, looked at to the end, and explained where it fails."""

import json
from datetime import datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mlstack.errors import UserError
from mlstack.image.builds.building import Builds
from mlstack.image.builds.course import LOST_LOOKS, NO_ROOM, Course, Outcome, follow
from mlstack.image.builds.order import Order
from tests.mlstack.image.builds.conftest import ABSENT, TAG, told
from tests.mlstack.wire import Clock, Spoken, Wire, refused, said

THERE = said(imageDetails=[{"imageTags": [TAG]}])
NO_MORE = refused("AccountLimitExceededException", "Cannot have more than 1 builds in queue for the account")
NONE = refused("AccountLimitExceededException", "Cannot have more than 0 builds in queue for the account")
LOST = EndpointConnectionError(endpoint_url="https://x")


class Seen:
    """What a person sees of it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def began(self, step: str, since: datetime | None = None) -> None:
        """Note it."""
        assert since is None
        self.lines.append(step)

    def now(self, status: str, numbers: str) -> None:
        """Note it."""
        assert numbers == ""
        self.lines.append(status)

    def ended(self, *, well: bool, at: datetime | None = None) -> None:
        """Note it."""
        assert at is None
        self.lines.append("well" if well else "badly")


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def sent() -> list[str]:
    """The orders whose sources were sent."""
    return []


@pytest.fixture
def course(builds: Builds, sent: list[str], clock: Clock) -> Course:
    def send(order: Order) -> bool:
        sent.append(order.name)
        return True

    assert clock.now == 0
    return Course(builds=builds, send=send, tell=lambda _: None)


def started(wire: Wire) -> list[dict[str, Any]]:
    """The builds that were asked for."""
    return [json.loads(cast("bytes", asked.body)) for asked in wire.requests["StartBuild"]]


def test_an_image_that_is_there_is_not_built_again(course: Course, wire: Wire, order: Order, sent: list[str]) -> None:
    wire.answer("DescribeImages", THERE)

    begun = course.begin(order)

    assert (begun.status, begun.is_well) == ("there", True)
    assert wire.calls() == ["DescribeImages"]
    assert sent == []


def test_what_is_missing_is_sent_and_built_as_it_was_synthesized(
    course: Course, wire: Wire, order: Order, sent: list[str]
) -> None:
    wire.answer("StartBuild", said(build=told()))

    begun = course.begin(order)

    (asked,) = started(wire)
    assert begun.status == "started"
    assert sent == ["inference"]
    assert asked["projectName"] == "project-1"
    assert asked.items() >= order.request.items()
    assert len(asked["idempotencyToken"]) == 64


def test_a_build_of_the_image_that_runs_is_not_started_twice(course: Course, wire: Wire, order: Order) -> None:
    wire.answer("ListBuildsForProject", said(ids=["project-1:8", "project-1:7"]))
    wire.answer("BatchGetBuilds", said(builds=[told(number=8, tag="other"), told(number=7)]))

    begun = course.begin(order)

    assert begun.look
    assert begun.look.build.id == "project-1:7"
    assert started(wire) == []


def test_the_same_request_is_told_by_its_token_until_a_build_has_ended(
    course: Course, wire: Wire, order: Order
) -> None:
    wire.answer("StartBuild", said(build=told()))
    course.begin(order)
    course.begin(order)
    wire.answer("ListBuildsForProject", said(ids=["project-1:1"]))
    wire.answer("BatchGetBuilds", said(builds=[told("FAILED")]))
    course.begin(order)

    first, second, third = (asked["idempotencyToken"] for asked in started(wire))
    assert first == second != third


def test_a_build_is_looked_at_phase_by_phase_until_its_image_is_there(
    course: Course, wire: Wire, order: Order, seen: Seen
) -> None:
    wire.answer("StartBuild", said(build=told()))
    wire.answer("DescribeImages", ABSENT, THERE)
    wire.answer(
        "BatchGetBuilds",
        said(builds=[told("IN_PROGRESS", "SUBMITTED", "DOWNLOAD_SOURCE")]),
        said(builds=[]),
        *[LOST] * (LOST_LOOKS - 1),
        said(builds=[told("IN_PROGRESS", "SUBMITTED", "DOWNLOAD_SOURCE")]),
        *[LOST] * (LOST_LOOKS - 1),
        said(builds=[told("SUCCEEDED", "SUBMITTED", "DOWNLOAD_SOURCE", "BUILD", "COMPLETED")]),
    )

    (ended,) = follow(course, [course.begin(order)], seen)

    assert (ended.status, ended.reason, ended.is_well) == ("built", "", True)
    assert seen.lines == ["Build inference", "submitted", "download source", "build", "completed", "well"]


def failed(course: Course, wire: Wire, order: Order, seen: Seen, *events: Spoken | Exception) -> Outcome:
    """How a build ended whose command failed."""
    build = told("FAILED", "SUBMITTED", "BUILD", failed="exit status 1:\nno \x1b[2Jspace")
    wire.answer("StartBuild", said(build=told()))
    wire.answer("BatchGetBuilds", said(builds=[build]))
    wire.answer("GetLogEvents", *events)
    return course.end(course.begin(order), seen)


def test_a_build_that_fails_is_explained_with_its_last_lines(
    course: Course, wire: Wire, order: Order, seen: Seen
) -> None:
    events = [{"message": f"line {number}\n"} for number in range(30)] + [{"message": "a\tb\x1b[2J\n\n"}]

    ended = failed(course, wire, order, seen, said(events=events))

    assert (ended.status, ended.is_well) == ("failed", False)
    assert "BUILD: COMMAND_EXECUTION_ERROR: exit status 1" in ended.reason
    assert "https://log" in ended.reason
    assert len(ended.lines) == 20
    assert ended.lines[-2:] == ("line 29", "a   b [2J")
    assert seen.lines[-1] == "badly"
    assert all(line.isprintable() for line in (*ended.lines, ended.reason))


@pytest.mark.parametrize("fault", [refused("AccessDeniedException", "no\nway"), LOST])
def test_a_log_that_cannot_be_read_hides_no_failure(
    course: Course, wire: Wire, order: Order, seen: Seen, fault: Spoken | Exception
) -> None:
    ended = failed(course, wire, order, seen, fault)

    assert ended.status == "failed"
    assert ended.lines == ()
    assert "exit status 1" in ended.reason
    assert "its log cannot be read" in ended.reason
    assert ended.reason.isprintable()


def test_a_build_that_pushed_nothing_has_failed(course: Course, wire: Wire, order: Order, seen: Seen) -> None:
    build = told("SUCCEEDED", "BUILD") | {"logs": {}}
    wire.answer("StartBuild", said(build=build))

    ended = course.end(course.begin(order), seen)

    assert ended.status == "failed"
    assert "it succeeded, but pushed none" in ended.reason
    assert "cannot be read" not in ended.reason
    assert wire.calls("GetLogEvents") == []


def test_what_has_no_room_is_built_when_its_turn_comes(
    course: Course, wire: Wire, order: Order, seen: Seen, clock: Clock
) -> None:
    wire.answer("StartBuild", NO_MORE, NO_MORE, said(build=told("SUCCEEDED")))
    wire.answer("DescribeImages", ABSENT, THERE)

    begun = course.begin(order)
    ended = course.end(begun, seen)

    assert (begun.status, begun.is_well) == ("waits", False)
    assert ended.status == "built"
    assert seen.lines[1:3] == [NO_ROOM, NO_ROOM]
    assert len(clock.slept) == 2


def test_what_never_gets_room_waits_an_hour_and_no_longer(
    course: Course, wire: Wire, order: Order, seen: Seen, clock: Clock
) -> None:
    wire.answer("StartBuild", NO_MORE)

    ended = course.end(course.begin(order), seen)

    assert (ended.status, ended.reason, ended.is_well) == ("waits", NO_ROOM, False)
    assert clock.now == 3600
    assert seen.lines[-1] == "badly"


def test_an_account_that_may_build_nothing_is_told_so_at_once(course: Course, wire: Wire, order: Order) -> None:
    wire.answer("StartBuild", NONE)

    with pytest.raises(UserError, match=r"ask AWS Support to raise CodeBuild's quota.*then say this again"):
        course.begin(order)


def test_a_build_that_is_out_of_sight_for_long_may_go_on(course: Course, wire: Wire, order: Order, seen: Seen) -> None:
    wire.answer("StartBuild", said(build=told()))
    wire.answer("BatchGetBuilds", LOST)

    with pytest.raises(UserError, match=r"project-1:1 is out of sight .* and may go on; say the same again"):
        course.end(course.begin(order), seen)

    assert len(wire.calls("BatchGetBuilds")) == LOST_LOOKS


@pytest.mark.parametrize("operation", ["DescribeImages", "ListBuildsForProject", "StartBuild"])
def test_a_refusal_that_will_not_pass_is_passed_on(course: Course, wire: Wire, order: Order, operation: str) -> None:
    wire.answer("StartBuild", said(build=told()))
    wire.answer(operation, refused("AccessDeniedException"))

    with pytest.raises(ClientError, match="AccessDenied"):
        course.begin(order)


def test_what_is_there_needs_no_look(course: Course, wire: Wire, order: Order, seen: Seen) -> None:
    wire.answer("DescribeImages", THERE)

    assert follow(course, [course.begin(order)], seen)[0].status == "there"
    assert seen.lines == []
