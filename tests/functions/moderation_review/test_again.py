"""Content that is flagged once more: in each state of its review nobody is asked twice, and what was decided holds."""

from collections.abc import Callable, Mapping
from contextlib import suppress

import pytest

from shared.come_again import ComeAgainError
from tests.functions.moderation_review.conftest import MakeLab
from tests.functions.moderation_review.lab import HELD, MEDIA, CrashError, Event, Fault, Lab, raising

KEY = "photos/cat.jpg"
REJECTED = {"decision": "rejected", "by": "arn:aws:iam::123456789012:user/ann"}


def begun_release(lab: Lab, flagged: Event) -> None:
    """A release that ends with its process, right after it has begun."""
    lab.faults = [Fault(answer=raising(CrashError()), place=0, after=True)]
    with suppress(CrashError):
        lab.approve(flagged)
    lab.faults = []


ASKED = frozenset({"pending", "approved", "rejected", "expired", "failed", "releasing"})
WAYS: Mapping[str, Callable[[Lab, Event], object]] = {
    "working": lambda _lab, _flagged: None,
    "pending": lambda _lab, _flagged: None,
    "approved": lambda lab, flagged: lab.approve(flagged),
    "rejected": lambda lab, flagged: lab.step("reject", flagged, decision=REJECTED),
    "expired": lambda lab, flagged: lab.step("expire", flagged),
    "unasked": lambda _lab, _flagged: None,
    "failed": lambda lab, flagged: lab.step("fail", flagged, error={"Error": "x"}),
    "releasing": begun_release,
}
"""How a review gets into each state."""
OUTCOMES: Mapping[str, tuple[str, bool]] = {
    "working": ("known", True),
    "pending": ("known", True),
    "approved": ("known", True),
    "rejected": ("known", False),
    "expired": ("known", False),
    "unasked": ("known", False),
    "failed": ("ask", False),
    "releasing": ("comes again", True),
}
"""What the step says, and whether the content may stay at its key."""


def reviewed(make_lab: MakeLab, state: str, **environment: str) -> tuple[Lab, Event]:
    """A flagged object whose review is in a state."""
    lab = make_lab(REVIEW="false" if state == "unasked" else "true", **environment)
    flagged = lab.upload(KEY)
    lab.step("act", flagged)
    if state in ASKED:
        lab.step("ask", flagged, token="token")  # noqa: S106 (no password)
    WAYS[state](lab, flagged)
    assert lab.item(flagged)["status"] == state
    return lab, flagged


def again(lab: Lab, flagged: Event) -> str:
    """What comes of the same content, flagged once more."""
    try:
        return lab.step("act", flagged, "second")
    except ComeAgainError:
        return "comes again"


@pytest.mark.parametrize("state", WAYS)
def test_content_uploaded_once_more_is_done_with_as_was_decided(make_lab: MakeLab, state: str) -> None:
    lab, flagged = reviewed(make_lab, state)
    lab.upload(KEY)
    before = lab.item(flagged)

    outcome = again(lab, flagged)

    stays = lab.content(MEDIA, KEY) == b"bad"
    assert (outcome, stays) == OUTCOMES[state]
    assert b"bad" in lab.everywhere(KEY)
    if outcome != "ask":
        assert lab.item(flagged) == before


@pytest.mark.parametrize("state", WAYS)
def test_content_uploaded_once_more_is_marked_as_was_decided_where_objects_are_only_tagged(
    make_lab: MakeLab, state: str
) -> None:
    lab, flagged = reviewed(make_lab, state, QUARANTINE_BUCKET="")
    lab.upload(KEY, Tagging="a=b")

    outcome = again(lab, flagged)

    outcome_there, stays_unmarked = OUTCOMES[state]
    tags = lab.tags(MEDIA, KEY)
    assert outcome == outcome_there
    assert tags.get("mlstack:moderation") == (None if stays_unmarked else "Drugs Tobacco")
    assert tags.get("mlstack:moderation-review") == (state if state in {"rejected", "expired"} else None)
    assert tags["a"] == "b"


@pytest.mark.parametrize("state", ["rejected", "expired"])
def test_copy_in_quarantine_says_what_was_decided_after_the_second_time_too(make_lab: MakeLab, state: str) -> None:
    lab, flagged = reviewed(make_lab, state)
    lab.upload(KEY)

    again(lab, flagged)

    [held] = lab.held()
    assert lab.tags(HELD, held) == {"mlstack:moderation": "Drugs Tobacco", "mlstack:moderation-review": state}


@pytest.mark.parametrize("state", ["rejected", "expired", "unasked"])
def test_version_that_is_hidden_already_is_not_copied_again_when_it_is_announced_again(
    make_lab: MakeLab, state: str
) -> None:
    lab, flagged = reviewed(lambda **more: make_lab(versioned=True, **more), state)
    lab.calls.clear()

    outcome = again(lab, flagged)

    assert (outcome, lab.content(MEDIA, KEY)) == ("known", None)
    assert {"CopyObject", "DeleteObject", "PutObjectTagging"} & set(lab.calls) == set()


def test_version_that_somebody_brought_back_to_its_key_is_put_away_again(make_lab: MakeLab) -> None:
    lab, flagged = reviewed(lambda **more: make_lab(versioned=True, **more), "rejected")
    [marker] = lab.s3.list_object_versions(Bucket=MEDIA)["DeleteMarkers"]
    lab.s3.delete_object(Bucket=MEDIA, Key=KEY, VersionId=marker["VersionId"])
    visible = lab.content(MEDIA, KEY)

    outcome = again(lab, flagged)

    assert (visible, outcome, lab.content(MEDIA, KEY)) == (b"bad", "known", None)


def test_rejected_content_is_put_away_as_often_as_it_comes(make_lab: MakeLab) -> None:
    lab, flagged = reviewed(make_lab, "rejected")

    outcomes = [(lab.upload(KEY), lab.step("act", flagged, f"execution {number}"))[1] for number in range(3)]

    assert outcomes == ["known"] * 3
    assert (lab.content(MEDIA, KEY), list(lab.held().values())) == (None, [b"bad"])


def test_newer_content_at_the_key_of_rejected_content_stays(make_lab: MakeLab) -> None:
    lab, flagged = reviewed(make_lab, "rejected")
    lab.upload(KEY)
    lab.meanwhile = {"DeleteObject": lambda: lab.upload(KEY, b"newer")}

    again(lab, flagged)

    assert lab.content(MEDIA, KEY) == b"newer"
