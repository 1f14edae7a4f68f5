"""A fault at every call in turn: the original, or both, or the copy; never none, and in the end what was decided."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.come_again import ComeAgainError
from tests.functions.moderation_review.conftest import MakeLab
from tests.functions.moderation_review.lab import MEDIA, Answer, CrashError, Fault, Lab, raising, refusing

IN_STEAD: Mapping[str, Answer] = {
    "throttled": refusing("SlowDown", 503),
    "server error": refusing("InternalError", 500),
    "denied": refusing("AccessDenied", 403),
    "forbidden": refusing("403", 403),  # the same in the answer to HEAD, which has no body
    "conflict": refusing("ConditionalRequestConflict", 409),
    "timeout": raising(ReadTimeoutError(endpoint_url="https://aws")),
    "crash": raising(CrashError()),
}
ACT = [
    "Query",
    "HeadObject",
    "UpdateItem",
    "GetObjectTagging",
    "PutObjectTagging",
    "CopyObject",
    "HeadObject",
    "UpdateItem",
    "HeadObject",
    "DeleteObject",
    "UpdateItem",
]
RELEASE = [
    "UpdateItem",
    "HeadObject",
    "HeadObject",
    "GetObjectTagging",
    "CopyObject",
    "HeadObject",
    "Query",
    "PutItem",
    "PutItem",
    "DeleteObject",
    "UpdateItem",
]
READS = {"GetObjectTagging", "HeadObject", "Query"}
KEY = "photos/cat.jpg"


def strikes(calls: list[str]) -> list[tuple[bool, str, int, bool]]:
    """The process ends after a call that changed something, in either kind of bucket; and reads are denied."""
    changes = [place for place, name in enumerate(calls) if name not in READS]
    ends = [(False, "crash", place, True) for place in changes]
    ends += [(True, "crash", place, True) for place in changes if calls[place] != "UpdateItem"]
    denials = {"HeadObject": "forbidden", "GetObjectTagging": "denied", "Query": "denied"}
    return ends + [(False, denials[name], place, False) for place, name in enumerate(calls) if name in READS]


def struck(lab: Lab, kind: str, place: int, *, after: bool, step: Callable[[], object]) -> None:
    """Do a step under a fault."""
    lab.faults = [Fault(answer=IN_STEAD[kind], place=place, after=after)]
    with suppress(Exception, CrashError):
        step()
    lab.faults = []


def test_steps_take_the_calls_that_the_faults_below_strike(either: Lab) -> None:
    flagged = either.upload(KEY)
    either.analysed(flagged)

    either.step("act", flagged)
    acted, either.calls[:] = list(either.calls), []
    either.approve(flagged)

    assert acted == ACT
    assert either.calls == [name for name in RELEASE if either.versioned or (name not in {"PutItem", "Query"})]


@pytest.mark.parametrize(("versioned", "kind", "place", "after"), strikes(ACT))
def test_quarantine_struck_once_loses_nothing_and_is_done_by_the_next_attempt(
    make_lab: MakeLab, kind: str, place: int, *, versioned: bool, after: bool
) -> None:
    lab = make_lab(versioned=versioned)
    flagged = lab.upload(KEY)

    struck(lab, kind, place, after=after, step=lambda: lab.step("act", flagged))
    saved = lab.everywhere(KEY)
    outcome = lab.step("act", flagged)

    assert b"bad" in saved
    assert outcome == "ask"
    assert (lab.content(MEDIA, KEY), list(lab.held().values())) == (None, [b"bad"])


@pytest.mark.parametrize(("versioned", "kind", "place", "after"), strikes(RELEASE))
def test_release_struck_once_loses_nothing_and_is_done_by_the_next_attempt(
    make_lab: MakeLab, kind: str, place: int, *, versioned: bool, after: bool
) -> None:
    lab = make_lab(versioned=versioned)
    flagged = lab.upload(KEY)
    record = lab.analysed(flagged)
    lab.step("act", flagged)

    struck(lab, kind, place, after=after, step=lambda: lab.approve(flagged))
    saved = lab.everywhere(KEY)
    lab.approve(flagged)

    assert b"bad" in saved
    assert (lab.content(MEDIA, KEY), lab.held()) == (b"bad", {})
    assert lab.item(flagged)["finding"] == "review#approved"
    told = lab.s3.head_object(Bucket=MEDIA, Key=KEY)
    back = {"version": told.get("VersionId") or told["ETag"].strip('"'), "version_id": told.get("VersionId")}
    assert lab.step("act", flagged | back, "second") == "known"
    assert lab.record(flagged | back)["analyses"] == record["analyses"]


@pytest.mark.parametrize("place", [1, 2, 5, 7, 9])
def test_failure_that_is_given_up_anywhere_leaves_the_object_and_the_reason(lab: Lab, place: int) -> None:
    flagged = lab.upload(KEY)

    struck(lab, "crash", place, after=True, step=lambda: lab.step("act", flagged))
    lab.step("fail", flagged, error={"Error": "x"})

    assert b"bad" in lab.everywhere(KEY)
    assert lab.item(flagged)["finding"] == "review#failed"


@pytest.mark.parametrize(
    ("kind", "passes"),
    [("throttled", True), ("server error", True), ("timeout", True), ("conflict", True), ("denied", False)],
)
def test_only_what_may_pass_is_tried_again_by_the_state_machine(lab: Lab, kind: str, *, passes: bool) -> None:
    flagged = lab.upload(KEY)
    lab.faults = [Fault(answer=IN_STEAD[kind], place=place) for place in range(4)]

    with pytest.raises(Exception) as caught:  # noqa: PT011 (its kind is the question)
        lab.step("act", flagged)

    assert isinstance(caught.value, ComeAgainError) is passes


@pytest.mark.parametrize("place", [1, 6, 8])
def test_head_that_is_forbidden_is_not_taken_for_an_object_that_is_gone(lab: Lab, place: int) -> None:
    flagged = lab.upload(KEY)
    lab.faults = [Fault(answer=IN_STEAD["forbidden"], place=place)]

    with pytest.raises(ClientError, match="403"):
        lab.step("act", flagged)


@pytest.mark.parametrize("place", [2, 4])
def test_rejection_struck_once_is_done_by_the_next_attempt(lab: Lab, place: int) -> None:
    flagged = lab.upload(KEY)
    lab.step("act", flagged)
    more: dict[str, Any] = {"decision": {"decision": "rejected"}}

    struck(lab, "crash", place, after=True, step=lambda: lab.step("reject", flagged, **more))
    lab.step("reject", flagged, **more)

    assert list(lab.held().values()) == [b"bad"]
    assert lab.item(flagged)["finding"] == "review#rejected"
