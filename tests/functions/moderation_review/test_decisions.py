"""What comes of a review: approved, rejected, expired, failed, and what a second execution may do."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation_review import reviews
from shared import clock
from shared.come_again import ComeAgainError
from tests.functions.moderation_review.conftest import MakeLab
from tests.functions.moderation_review.lab import HELD, MEDIA, Lab

KEY = "photos/cat.jpg"
REJECTED = {"decision": "rejected", "by": "arn:aws:iam::123456789012:user/ann", "note": "really bad"}


def asked(lab: Lab, key: str = KEY, content: bytes = b"bad") -> dict[str, object]:
    """An object that a reviewer is asked about."""
    flagged = lab.upload(key, content, Tagging="a=b")
    lab.step("act", flagged)
    lab.step("ask", flagged, token="token")  # noqa: S106 (no password)
    return flagged


def test_pending_review_lists_the_token_and_the_highest_confidence(lab: Lab) -> None:
    flagged = asked(lab)

    item = lab.item(flagged)

    assert (item["finding"], float(item["rank"]), item["token"]) == ("review#pending", 99.25, "token")
    assert [one["name"] for one in item["labels"]] == ["Drugs & Tobacco", "Violence"]
    assert "expires_at" not in item


def test_approved_object_comes_back_as_it_was_and_says_so(either: Lab) -> None:
    flagged = asked(either)

    outcome = either.approve(flagged)

    item = either.item(flagged)
    assert outcome == "released"
    assert (either.content(MEDIA, KEY), either.held()) == (b"bad", {})
    assert either.tags(MEDIA, KEY) == {"a": "b", "mlstack:moderation-review": "approved"}
    assert item["finding"] == "review#approved"
    assert item["decided_by"].endswith("user/ann")
    assert {"token", "quarantined"} & set(item) == set()


def test_what_release_wrote_is_not_flagged_again(either: Lab) -> None:
    flagged = asked(either)
    either.approve(flagged)
    told = either.s3.head_object(Bucket=MEDIA, Key=KEY)
    again = flagged | {"version_id": told.get("VersionId"), "version": told.get("VersionId") or told["ETag"].strip('"')}

    outcome = either.step("act", again, "second")

    assert outcome == "known"
    assert (either.content(MEDIA, KEY), either.held()) == (b"bad", {})
    if either.versioned:
        assert either.item(again)["released_from"] == flagged["version"]
        assert "version_id" not in either.item(again)


def test_tag_alone_approves_nothing(lab: Lab) -> None:
    flagged = lab.upload(KEY, Tagging="mlstack:moderation-review=approved")

    lab.step("act", flagged)

    assert lab.content(MEDIA, KEY) is None


def test_what_was_flagged_while_a_release_goes_on_waits_for_it(either: Lab) -> None:
    flagged = asked(either)
    seen: list[str] = []

    def again() -> None:
        told = either.s3.head_object(Bucket=MEDIA, Key=KEY)
        version = told.get("VersionId") or told["ETag"].strip('"')
        with pytest.raises(ComeAgainError, match="on its way back"):
            either.step("act", flagged | {"version": version, "version_id": told.get("VersionId")}, "second")
        seen.append(version)

    either.meanwhile = {"DeleteObject": again}
    either.approve(flagged)

    assert len(seen) == 1
    assert either.content(MEDIA, KEY) == b"bad"


def test_newer_object_at_the_key_stays_and_the_approved_one_stays_in_quarantine(either: Lab) -> None:
    flagged = asked(either)
    either.upload(KEY, b"newer")

    outcome = either.approve(flagged)

    assert outcome == "kept"
    assert (either.content(MEDIA, KEY), list(either.held().values())) == (b"newer", [b"bad"])
    assert "newer" in either.item(flagged)["kept"]
    assert either.item(flagged)["finding"] == "review#approved"


def test_newer_object_uploaded_during_the_release_is_not_overwritten(either: Lab) -> None:
    flagged = asked(either)
    either.meanwhile = {"CopyObject": lambda: either.upload(KEY, b"newer")}

    try:
        either.approve(flagged)
    except ComeAgainError:
        either.approve(flagged)

    assert b"bad" in either.everywhere(KEY)
    if not either.versioned:  # moto's CopyObject knows no If-None-Match; with versions nothing is lost by that
        return
    versions = either.s3.list_object_versions(Bucket=MEDIA)["Versions"]
    contents = [
        either.s3.get_object(Bucket=MEDIA, Key=KEY, VersionId=one["VersionId"])["Body"].read() for one in versions
    ]
    assert b"newer" in contents


def test_rejected_object_stays_in_quarantine_and_nothing_is_deleted(lab: Lab) -> None:
    flagged = asked(lab)

    lab.step("reject", flagged, decision=REJECTED)

    [(held, content)] = lab.held().items()
    item = lab.item(flagged)
    assert (content, lab.content(MEDIA, KEY)) == (b"bad", None)
    assert lab.tags(HELD, held)["mlstack:moderation-review"] == "rejected"
    assert (item["finding"], item["note"], item["quarantined"]) == (
        "review#rejected",
        "really bad",
        f"s3://held/{held}",
    )
    assert "token" not in item


def test_nobodys_decision_leaves_the_object_in_quarantine(lab: Lab) -> None:
    flagged = asked(lab)

    lab.step("expire", flagged)

    assert list(lab.held().values()) == [b"bad"]
    assert lab.item(flagged)["finding"] == "review#expired"


def test_decision_about_a_tagged_object_changes_its_tags_alone(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True, QUARANTINE_BUCKET="")
    good, bad = asked(lab, "photos/good.jpg"), asked(lab, "photos/bad.jpg")

    lab.approve(good)
    lab.step("reject", bad, decision=REJECTED)

    assert lab.tags(MEDIA, "photos/good.jpg") == {"a": "b", "mlstack:moderation-review": "approved"}
    assert lab.tags(MEDIA, "photos/bad.jpg") == {
        "a": "b",
        "mlstack:moderation": "Drugs Tobacco",
        "mlstack:moderation-review": "rejected",
    }


def test_second_event_of_one_object_ends_quietly_and_asks_nobody_twice(either: Lab) -> None:
    flagged = asked(either)

    outcome = either.step("act", flagged, "second")

    assert outcome in {"known", "gone"}
    assert either.item(flagged)["execution"] == "first"
    assert either.item(flagged)["token"] == "token"  # noqa: S105 (no password)
    assert list(either.held().values()) == [b"bad"]


def test_second_event_in_the_middle_of_the_first_harms_nothing(either: Lab) -> None:
    flagged = either.upload(KEY)
    outcomes: list[str] = []
    either.meanwhile = {"CopyObject": lambda: outcomes.append(either.step("act", flagged, "second"))}

    outcomes.append(either.step("act", flagged))

    assert outcomes == ["known", "ask"]
    assert list(either.held().values()) == [b"bad"]


def test_content_uploaded_again_while_it_is_reviewed_goes_when_it_is_rejected(lab: Lab) -> None:
    flagged = asked(lab)
    lab.upload(KEY)

    lab.step("reject", flagged, decision=REJECTED)

    assert (lab.content(MEDIA, KEY), list(lab.held().values())) == (None, [b"bad"])


def test_failure_is_recorded_with_lambdas_own_words_and_leaves_the_object_in_quarantine(lab: Lab) -> None:
    flagged = asked(lab)
    error = {"Error": "ClientError", "Cause": '{"errorMessage": "AccessDenied:\\nnot yours", "errorType": "x"}'}

    lab.step("fail", flagged, error=error)

    item = lab.item(flagged)
    assert (item["finding"], item["reason"]) == ("review#failed", "ClientError: AccessDenied: not yours")
    assert "token" not in item
    assert list(lab.held().values()) == [b"bad"]


def test_failure_before_anything_was_recorded_is_recorded_too(lab: Lab) -> None:
    flagged = lab.upload(KEY)

    lab.step("fail", flagged, error={"Error": "States.Timeout"})

    assert lab.item(flagged)["reason"] == "States.Timeout"


def test_failure_of_one_execution_does_not_touch_another_ones_review(lab: Lab) -> None:
    flagged = asked(lab)

    lab.step("fail", flagged, "second", error={"Error": "x"})

    assert lab.item(flagged)["finding"] == "review#pending"


def test_failure_after_the_end_of_a_review_does_not_undo_it(lab: Lab) -> None:
    flagged = asked(lab)
    lab.approve(flagged)

    lab.step("fail", flagged, error={"Error": "the answer was lost"})

    assert lab.item(flagged)["finding"] == "review#approved"


def test_tagged_object_that_was_deleted_while_it_is_reviewed_stays_a_question(make_lab: MakeLab) -> None:
    lab = make_lab(QUARANTINE_BUCKET="")
    flagged = asked(lab)
    lab.s3.delete_object(Bucket=MEDIA, Key=KEY)

    late = lab.step("act", flagged)
    waiting = lab.item(flagged)["finding"]
    lab.approve(flagged)

    assert (late, waiting, lab.item(flagged)["finding"]) == ("gone", "review#pending", "review#approved")


@pytest.mark.parametrize(("hours", "outcome"), [(0.5, "known"), (2, "ask")])
def test_review_whose_execution_fell_silent_is_free_for_another_after_a_while(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, hours: float, outcome: str
) -> None:
    flagged = lab.upload(KEY)
    lab.meanwhile = {"CopyObject": lambda: pytest.fail("the process ends here")}
    with pytest.raises(pytest.fail.Exception):
        lab.step("act", flagged)

    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=hours))

    assert lab.step("act", flagged, "second") == outcome
    assert (lab.content(MEDIA, KEY) is None) is (outcome == "ask")


def test_new_event_after_a_failure_takes_the_review_over(lab: Lab) -> None:
    flagged = asked(lab)
    lab.step("fail", flagged, error={"Error": "x"})

    outcome = lab.step("act", flagged, "second")

    assert outcome == "ask"
    assert lab.item(flagged)["execution"] == "second"
    with pytest.raises(reviews.TakenOverError):
        lab.step("ask", flagged, "first", token="late")  # noqa: S106 (no password)


def test_release_from_an_emptied_quarantine_says_so(lab: Lab) -> None:
    flagged = asked(lab)
    [held] = lab.held()
    lab.s3.delete_object(Bucket=HELD, Key=held)

    with pytest.raises(LookupError, match="cannot be given back"):
        lab.approve(flagged)


def test_review_outlives_the_question_where_results_expire(make_lab: MakeLab) -> None:
    lab = make_lab(RESULTS_DAYS="1", REVIEW_DAYS="30")
    flagged = asked(lab)

    lifetime = int(lab.item(flagged)["expires_at"]) - lab.uploaded_at()

    assert lifetime >= 37 * 24 * 3600 - 60


@pytest.mark.parametrize(
    "broken",
    [{}, {"labels": []}, {"bucket": 7}, {"key": "\ud800"}, {"labels": [{"name": "x", "confidence": "much"}]}],
)
def test_event_that_is_none_of_ours_is_refused_before_anything_is_done(lab: Lab, broken: dict[str, object]) -> None:
    flagged = lab.upload(KEY) | broken if broken else {}

    with pytest.raises((ArithmeticError, KeyError, ValueError)):
        lab.step("act", flagged)

    assert lab.calls == []


def test_unknown_step_is_refused(lab: Lab) -> None:
    with pytest.raises(ValueError, match="no step of a review"):
        lab.step("destroy", lab.upload(KEY))


@pytest.mark.parametrize("step", ["act", "ask"])
def test_step_that_comes_late_takes_back_no_question_and_no_decision(either: Lab, step: str) -> None:
    flagged = asked(either)

    pending = attempt(either, step, flagged)
    waiting = either.item(flagged)["finding"]
    either.approve(flagged)
    approved = attempt(either, step, flagged)

    assert (waiting, either.item(flagged)["finding"]) == ("review#pending", "review#approved")
    assert (pending, approved) == (("known", "known") if step == "act" else ("asked", "taken over"))
    assert (either.content(MEDIA, KEY), either.held()) == (b"bad", {})


def test_quarantine_that_lags_behind_a_release_does_not_take_the_object_away_again(lab: Lab) -> None:
    flagged = lab.upload(KEY)

    def overtaken() -> None:
        lab.step("act", flagged)
        lab.step("ask", flagged, token="token")  # noqa: S106 (no password)
        lab.approve(flagged)

    lab.meanwhile = {"CopyObject": overtaken}

    outcome = attempt(lab, "act", flagged)

    assert outcome == "taken over"
    assert lab.content(MEDIA, KEY) == b"bad"


def attempt(lab: Lab, step: str, flagged: dict[str, object]) -> str:
    """What comes of a step that may come too late."""
    try:
        return lab.step(step, flagged, **({"token": "late"} if step == "ask" else {}))
    except reviews.TakenOverError:
        return "taken over"
