"""A flagged object moves into quarantine, whatever it is called, and whatever happens to its key meanwhile."""

import pytest

from moderation_review import copying
from tests.functions.moderation_review.conftest import MakeLab
from tests.functions.moderation_review.lab import HELD, MEDIA, Lab

KEY = "photos/cat.jpg"
HOSTILE = (
    "photos/ä \N{CAT FACE} 猫.jpg",
    "photos/a+b%2Fc&d=e?versionId=x#y.jpg",
    "photos/../../etc/passwd",
    "photos//double//",
    "photos/line\nbreak\x07.jpg",
    "photos/" + "k" * 1017,
    "photos/" + "ö" * 508,
)


def test_flagged_object_moves_with_its_metadata_and_tags_and_one_more(either: Lab) -> None:
    flagged = either.upload(KEY, ContentType="image/jpeg", Metadata={"by": "ann"}, Tagging="album=a%2Fb")

    outcome = either.step("act", flagged)

    held = f"media/{flagged['version']}/{KEY}"
    told = either.s3.head_object(Bucket=HELD, Key=held)
    assert outcome == "ask"
    assert either.held() == {held: b"bad"}
    assert either.content(MEDIA, KEY) is None
    assert (told["ContentType"], told["Metadata"]) == ("image/jpeg", {"by": "ann"})
    assert either.tags(HELD, held) == {"album": "a/b", "mlstack:moderation": "Drugs Tobacco"}
    item = either.item(flagged)
    assert (item["quarantined"], item["verified"], item["removed"]) == (f"s3://{HELD}/{held}", "checksum", True)


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_key_is_held_under_a_key_of_its_own_and_comes_back_as_it_was(lab: Lab, key: str) -> None:
    flagged = lab.upload(key)

    lab.step("act", flagged)
    [held] = lab.held()
    away = lab.content(MEDIA, key)
    lab.approve(flagged)

    assert len(held.encode()) <= 1024
    assert held.startswith("media/")
    assert away is None
    assert lab.content(MEDIA, key) == b"bad"
    assert lab.held() == {}


def test_two_contents_of_one_key_are_both_held(either: Lab) -> None:
    first = either.upload(KEY, b"first")
    either.step("act", first)
    second = either.upload(KEY, b"second")

    either.step("act", second, "second")

    assert sorted(either.held().values(), key=str) == [b"first", b"second"]


def test_object_with_ten_tags_moves_all_the_same_and_the_record_says_why_it_is_not_marked(either: Lab) -> None:
    tags = {f"tag{number}": str(number) for number in range(10)}
    flagged = either.upload(KEY, Tagging="&".join(f"{name}={value}" for name, value in tags.items()))

    either.step("act", flagged)

    [held] = either.held()
    assert either.tags(HELD, held) == tags
    assert "ten tags" in either.item(flagged)["tagging"]


def test_only_the_flagged_version_is_hidden_and_no_version_is_deleted(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True)
    older, flagged = lab.upload(KEY, b"older"), lab.upload(KEY)

    lab.step("act", flagged)

    listed = lab.s3.list_object_versions(Bucket=MEDIA)
    assert {one["VersionId"] for one in listed["Versions"]} == {older["version"], flagged["version"]}
    assert [one["IsLatest"] for one in listed["DeleteMarkers"]] == [True]
    assert lab.tags(MEDIA, KEY, VersionId=flagged["version"]) == {"mlstack:moderation": "Drugs Tobacco"}
    assert lab.tags(MEDIA, KEY, VersionId=older["version"]) == {}


def test_newer_object_stays_where_it_is(either: Lab) -> None:
    flagged = either.upload(KEY)
    either.upload(KEY, b"newer")

    outcome = either.step("act", flagged)

    assert either.content(MEDIA, KEY) == b"newer"
    assert (outcome, list(either.held().values())) == (("ask", [b"bad"]) if either.versioned else ("gone", []))
    assert either.item(flagged).get("removed") is (False if either.versioned else None)


def test_newer_version_with_the_same_content_has_a_review_of_its_own(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True)
    flagged = lab.upload(KEY)
    lab.upload(KEY)

    lab.step("act", flagged)

    assert lab.content(MEDIA, KEY) == b"bad"
    assert lab.item(flagged)["removed"] is False


@pytest.mark.parametrize("call", ["HeadObject", "GetObjectTagging", "PutObjectTagging", "CopyObject", "DeleteObject"])
def test_object_uploaded_just_before_any_call_is_never_removed(either: Lab, call: str) -> None:
    flagged = either.upload(KEY)
    either.meanwhile = {call: lambda: either.upload(KEY, b"newer")}

    for _ in range(2):  # the state machine tries a step again
        try:
            either.step("act", flagged)
        except Exception:  # noqa: BLE001, S112 (whatever it was, it must not have harmed)
            continue

    assert either.content(MEDIA, KEY) == b"newer"


def test_object_that_was_deleted_leaves_no_review(either: Lab) -> None:
    flagged = either.upload(KEY)
    either.s3.delete_object(Bucket=MEDIA, Key=KEY, **({"VersionId": flagged["version"]} if either.versioned else {}))

    outcome = either.step("act", flagged)

    assert (outcome, either.item(flagged), either.held()) == ("gone", {}, {})


def test_object_deleted_while_it_is_worked_on_ends_as_failed_with_the_reason(either: Lab) -> None:
    flagged = either.upload(KEY)
    gone = {"VersionId": flagged["version"]} if either.versioned else {}
    either.meanwhile = {"GetObjectTagging": lambda: either.s3.delete_object(Bucket=MEDIA, Key=KEY, **gone)}

    with pytest.raises(Exception, match="deleted"):
        either.step("act", flagged)
    outcome = either.step("act", flagged)

    assert outcome == "gone"
    assert either.item(flagged)["finding"] == "review#failed"
    assert "deleted" in either.item(flagged)["reason"]


def test_stage_that_only_tags_moves_nothing(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True, QUARANTINE_BUCKET="")
    flagged = lab.upload(KEY, Tagging="a=b")
    lab.upload(KEY, b"newer")

    outcome = lab.step("act", flagged)

    assert outcome == "ask"
    assert lab.tags(MEDIA, KEY, VersionId=flagged["version"]) == {"a": "b", "mlstack:moderation": "Drugs Tobacco"}
    assert lab.tags(MEDIA, KEY) == {}
    assert {"CopyObject", "DeleteObject"} & set(lab.calls) == set()


def test_nobody_is_asked_where_the_profile_wants_no_review(make_lab: MakeLab) -> None:
    lab = make_lab(REVIEW="false")
    flagged = lab.upload(KEY)

    outcome = lab.step("act", flagged)

    assert outcome == "done"
    assert lab.item(flagged)["finding"] == "review#unasked"
    assert list(lab.held().values()) == [b"bad"]


def test_large_video_is_copied_in_parts_with_everything_it_has(either: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PART", 1000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)
    content = bytes(range(256)) * 20
    flagged = either.upload("videos/long.mp4", content, ContentType="video/mp4", Metadata={"by": "ann"}, Tagging="a=b")

    either.step("act", flagged)
    [(held, copied)] = either.held().items()
    marked = either.tags(HELD, held)
    either.approve(flagged)

    told = either.s3.head_object(Bucket=MEDIA, Key="videos/long.mp4")
    assert copied == content == either.content(MEDIA, "videos/long.mp4")
    assert marked == {"a": "b", "mlstack:moderation": "Drugs Tobacco"}
    assert (told["ContentType"], told["Metadata"]) == ("video/mp4", {"by": "ann"})
    assert either.calls.count("UploadPartCopy") == 2 * 6
    assert either.held() == {}


def test_copy_in_parts_that_breaks_leaves_no_parts_behind(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PART", 1000)
    flagged = lab.upload("videos/long.mp4", b"x" * 5120)  # moto takes no parts as small as these

    with pytest.raises(Exception, match="EntityTooSmall"):
        lab.step("act", flagged)

    assert lab.s3.list_multipart_uploads(Bucket=HELD).get("Uploads", []) == []
    assert lab.content(MEDIA, "videos/long.mp4") is not None


def test_copy_that_differs_removes_nothing(either: Lab) -> None:
    flagged = either.upload(KEY)
    held = f"media/{flagged['version']}/{KEY}"

    def spoil() -> None:
        if held in either.held():
            either.s3.put_object(Bucket=HELD, Key=held, Body=b"BAD")
        else:
            either.meanwhile = {"HeadObject": spoil}

    either.meanwhile = {"CopyObject": lambda: either.meanwhile.update({"HeadObject": spoil})}

    with pytest.raises(Exception, match="is not the object that was flagged"):
        either.step("act", flagged)

    assert either.content(MEDIA, KEY) == b"bad"
