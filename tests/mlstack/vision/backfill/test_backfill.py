"""A backfill takes exactly what it shall, tells the price before, and leaves nothing behind when it does not start."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mlstack.errors import UserError
from tests.mlstack.vision.backfill.lab import HOSTILE, MEDIA, RESULTS, Lab

SOURCE = f"s3://{MEDIA}/"
NOW = ["--yes", "--no-wait"]
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no\nway"}}, "Anything")
CUT_OFF = EndpointConnectionError(endpoint_url="https://aws")


class Pages:
    """A listing of S3's own form, and what happens at its end."""

    def __init__(self, pages: list[list[dict[str, Any]]], at_the_end: Callable[[], None] = lambda: None) -> None:
        self._pages = pages
        self._at_the_end = at_the_end

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        """Page by page."""
        yield from ({"Contents": page} for page in self._pages)
        self._at_the_end()


def keys(lab: Lab) -> list[str]:
    """The keys of the only manifest."""
    return sorted(one["key"] for one in lab.objects())


def test_a_run_does_every_batch_of_the_routes_and_ends_with_0(working: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    working.put(*(f"photos/{number:02}.jpg" for number in range(25)), "text/a.png", "other/b.png")

    assert working.run("backfill", SOURCE, "--yes", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["objects"], told["batches"]) == (26, 3)
    assert told["calls"] == {"labels": 25, "faces": 25, "text": 1}
    assert (told["status"], told["batches_done"], told["batches_failed"]) == ("succeeded", 3, 0)
    assert told["skipped"] == {"no_route": 1}
    [batch, *_] = working.manifest()
    assert batch["bucket"] == MEDIA
    assert len(batch["objects"]) == 10


def test_the_execution_is_told_the_manifest_and_the_analyses(lab: Lab) -> None:
    lab.put("photos/a.jpg")

    assert lab.run("backfill", SOURCE, *NOW) == 0

    [run] = lab.executions()
    assert run["name"].startswith("bf-20")
    assert run["input"]["manifest"] == f"vision/backfill/{run['name']}/manifest.json"
    assert run["input"]["analyses"] is None
    assert lab.objects() == [{"key": "photos/a.jpg", "size": 1, "etag": "9dd4e461268c8034f5c8564e155c67a6"}]


def test_failed_batches_end_with_1_and_name_the_way_on(broken: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    broken.put(*(f"photos/{number}.jpg" for number in range(11)))

    assert broken.run("backfill", SOURCE, "--yes") == 1

    [run] = broken.executions()
    errors = capsys.readouterr().err
    assert "0 of 2 batches are done, 2 failed" in errors
    assert f"mlstack vision backfills resume {run['name']}" in errors


def test_hostile_keys_reach_the_manifest_letter_for_letter(lab: Lab) -> None:
    lab.put(*HOSTILE)

    assert lab.run("backfill", SOURCE, *NOW) == 0
    assert keys(lab) == sorted(HOSTILE)


def test_folders_empty_objects_and_archives_are_counted_and_left_out(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.put("photos/", "photos/folder/", "photos/a.jpg")
    lab.put("photos/empty.jpg", body=b"")
    lab.s3.put_object(Bucket=MEDIA, Key="photos/cold.jpg", Body=b"x", StorageClass="DEEP_ARCHIVE")

    assert lab.run("backfill", SOURCE, *NOW) == 0

    assert keys(lab) == ["photos/a.jpg"]
    output = capsys.readouterr().out
    assert "objects: 1 of 5 (2 are folders, 1 are empty, 1 lie in an archive and must be restored first)" in output


def test_an_object_that_was_restored_from_an_archive_is_taken(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    modified = datetime(2026, 1, 1, tzinfo=UTC)
    cold = {"Size": 1, "ETag": '"x"', "LastModified": modified, "StorageClass": "GLACIER"}
    restored = {"IsRestoreInProgress": False, "RestoreExpiryDate": modified}
    page = [
        {**cold, "Key": "photos/cold.jpg", "RestoreStatus": {"IsRestoreInProgress": True}},
        {**cold, "Key": "photos/warm.jpg", "RestoreStatus": restored},
    ]
    monkeypatch.setattr(lab.s3, "get_paginator", lambda _: Pages([page]))

    assert lab.run("backfill", SOURCE, *NOW) == 0
    assert keys(lab) == ["photos/warm.jpg"]


def test_image_properties_are_priced_where_the_stage_asks_for_them(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.outputs["ImageProperties"] = "true"
    lab.put("photos/a.jpg")

    assert lab.run("backfill", SOURCE, "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rekognition_usd_at_most"] == 0.00275


def test_a_versioned_bucket_gives_the_latest_versions_with_their_ids(lab: Lab) -> None:
    odd = [key for key in HOSTILE if key.isprintable() and "%" not in key]  # moto 5.2 encodes no keys of versions
    lab.put("photos/before.jpg")
    lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    lab.put("photos/old.jpg", "photos/deleted.jpg", *odd)
    lab.put("photos/old.jpg", body=b"new")
    lab.s3.delete_object(Bucket=MEDIA, Key="photos/deleted.jpg")

    assert lab.run("backfill", SOURCE, *NOW) == 0

    found = {one["key"]: one for one in lab.objects()}
    latest = lab.s3.head_object(Bucket=MEDIA, Key="photos/old.jpg")
    assert found.keys() == {"photos/before.jpg", "photos/old.jpg", *odd}
    assert found["photos/old.jpg"]["version_id"] == latest["VersionId"]
    assert found["photos/old.jpg"]["size"] == 3
    assert "version_id" not in found["photos/before.jpg"]


def test_in_the_media_bucket_chosen_analyses_stay_within_what_the_stage_may_read(lab: Lab) -> None:
    lab.put("photos/a.jpg", "other/b.png")

    assert lab.run("backfill", SOURCE, *NOW, "--analyses", "labels") == 0

    assert keys(lab) == ["photos/a.jpg"]


def test_a_bucket_of_another_region_is_refused_before_it_is_listed(lab: Lab) -> None:
    elsewhere = lab.s3.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    lab.outputs["BackfillBuckets"] = '["far-away"]'

    with pytest.raises(UserError, match="lies in eu-west-1; Rekognition reads in its own region, us-east-1, alone"):
        lab.run("backfill", "s3://far-away/", *NOW)
    assert elsewhere


def test_in_another_bucket_chosen_analyses_go_to_every_object_whatever_its_route(lab: Lab) -> None:
    lab.put("photos/a.jpg", "other/b.png", bucket="archive")

    assert lab.run("backfill", "s3://archive/", *NOW, "--analyses", "text, labels") == 0

    [run] = lab.executions()
    assert run["input"]["analyses"] == ["labels", "text"]
    assert run["input"]["plan"]["calls"] == {"labels": 2, "text": 2}
    assert keys(lab) == ["other/b.png", "photos/a.jpg"]


@pytest.mark.parametrize("names", ["celebrities", "labels,nope", ",", ""])
def test_an_analysis_that_is_not_on_is_refused_with_those_that_are(lab: Lab, names: str) -> None:
    with pytest.raises(UserError, match="the lab has labels, faces, text, people"):
        lab.run("backfill", SOURCE, *NOW, "--analyses", names)


def test_only_objects_since_a_date_are_taken(lab: Lab) -> None:
    lab.put("photos/a.jpg")

    assert lab.run("backfill", SOURCE, *NOW, "--since", "2001-01-01") == 0
    assert keys(lab) == ["photos/a.jpg"]
    assert lab.run("backfill", SOURCE, *NOW, "--since", "2999-01-01") == 0
    assert len(lab.executions()) == 1


def test_only_the_stages_own_buckets_may_be_read(lab: Lab) -> None:
    lab.put("photos/a.jpg", bucket="archive")

    with pytest.raises(
        UserError, match=r"may not read bucket elsewhere, only media, archive; add it to backfill_buckets"
    ):
        lab.run("backfill", "s3://elsewhere/photos/", *NOW)

    assert lab.run("backfill", "s3://archive/photos/", *NOW) == 0
    assert lab.manifest()[0]["bucket"] == "archive"


@pytest.mark.parametrize("source", ["media/photos", "s3://", "s3:///photos", "https://media/photos", ""])
def test_what_is_no_s3_uri_is_refused(lab: Lab, source: str) -> None:
    with pytest.raises(UserError, match="is no S3 URI; write s3://BUCKET or s3://BUCKET/PREFIX"):
        lab.run("backfill", source, *NOW)


def test_a_stage_without_a_backfill_says_so(lab: Lab) -> None:
    del lab.outputs["BackfillStateMachineArn"]

    with pytest.raises(UserError, match="stage sandbox on the lab has no backfill yet; deploy it once more"):
        lab.run("backfill", SOURCE, *NOW)


def test_a_dry_run_tells_the_price_and_leaves_nothing_behind(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.put(*(f"photos/{number}.jpg" for number in range(30)))

    assert lab.run("backfill", SOURCE, "--dry-run") == 0

    output = capsys.readouterr().out
    assert "price: at most $0.06 for Rekognition" in output
    assert "at most, because objects already analysed are not billed again" in output
    assert "list prices of us-east-1, as if the month had no other call; docs/vision.md says what" in output
    assert "group" not in output
    assert "time: at least 0 min 6 s" in output
    assert lab.left() == []
    assert lab.executions() == []


def test_nothing_to_analyse_is_said_and_nothing_is_started(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.put("other/a.jpg")

    assert lab.run("backfill", SOURCE, *NOW) == 0

    written = capsys.readouterr()
    assert "1 lie under no route of the stage; the routes are photos/, photos/people/, text/" in written.err
    assert written.out == ""
    assert (lab.left(), lab.executions()) == ([], [])


def test_a_bucket_of_objects_outside_the_routes_names_the_analyses_to_say(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.put("other/a.jpg", "other/b.jpg", bucket="archive")

    assert lab.run("backfill", "s3://archive/", *NOW) == 0

    said = capsys.readouterr().err
    assert "2 lie under no route of the stage; say --analyses labels,faces,text,people or some of them" in said


def test_a_prefix_under_which_nothing_lies_is_told_from_one_with_nothing_to_do(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.put("photos/a.jpg")

    assert lab.run("backfill", f"{SOURCE}photso/", *NOW) == 0

    written = capsys.readouterr()
    assert f"nothing lies under {SOURCE}photso/; look at how it is spelt" in written.err
    assert written.out == ""


def test_a_route_of_videos_is_refused_as_such(lab: Lab) -> None:
    lab.outputs["VideoRoutes"] = '{"clips/": ["labels"]}'
    lab.put("clips/a.mp4")

    with pytest.raises(UserError, match="clips/ is a route of videos, and a backfill takes images alone"):
        lab.run("backfill", f"{SOURCE}clips/", *NOW)


def test_videos_among_images_are_counted_and_left_out(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.outputs["VideoRoutes"] = '{"clips/": ["labels"]}'
    lab.put("clips/a.mp4", "photos/a.jpg")

    assert lab.run("backfill", SOURCE, *NOW) == 0

    assert keys(lab) == ["photos/a.jpg"]
    assert "1 lie under a route of videos, and a backfill takes images alone" in capsys.readouterr().out


def test_a_bucket_that_is_gone_is_said_to_be_gone(lab: Lab) -> None:
    lab.outputs["BackfillBuckets"] = '["gone"]'

    with pytest.raises(UserError, match="there is no bucket gone"):
        lab.run("backfill", "s3://gone/", *NOW)


def test_without_a_terminal_and_without_yes_nothing_is_even_listed(lab: Lab) -> None:
    lab.put("photos/a.jpg")
    lab.fail(lab.s3, "get_bucket_versioning", AssertionError("listed"))

    with pytest.raises(click.UsageError, match="there is no terminal to ask on; say --yes, or --dry-run"):
        lab.run("backfill", SOURCE)


@pytest.mark.parametrize("answers", ["n\n", "\n"])
def test_without_a_yes_nothing_starts_and_nothing_stays(
    lab: Lab, answers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.put("photos/a.jpg")
    lab.terminal(answers=answers)

    assert lab.run("backfill", SOURCE) == 1

    assert "nothing was started" in capsys.readouterr().err
    assert (lab.left(), lab.executions()) == ([], [])


def test_a_question_that_nobody_answers_is_an_interrupt(lab: Lab) -> None:
    lab.put("photos/a.jpg")
    lab.terminal(answers="")

    with pytest.raises(click.Abort):
        lab.run("backfill", SOURCE)

    assert (lab.left(), lab.executions()) == ([], [])


def test_a_yes_on_the_terminal_starts_it(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.put("photos/a.jpg")
    lab.terminal(answers="y\n")

    assert lab.run("backfill", SOURCE, "--no-wait") == 0

    assert len(lab.executions()) == 1
    assert "Start it for at most $0.01?" in capsys.readouterr().err


@pytest.mark.parametrize("most", ["0.001", "0", "nan"])
def test_a_price_above_the_limit_is_refused_before_anything_stays(lab: Lab, most: str) -> None:
    lab.put("photos/a.jpg", "photos/b.jpg")

    with pytest.raises(UserError, match=r"at most \$0.01 is above --max-usd"):
        lab.run("backfill", SOURCE, *NOW, "--max-usd", most)

    assert (lab.left(), lab.executions()) == ([], [])


def test_a_price_within_the_limit_is_accepted(lab: Lab) -> None:
    lab.put("photos/a.jpg")

    assert lab.run("backfill", SOURCE, *NOW, "--max-usd", "1") == 0
    assert len(lab.executions()) == 1


@pytest.mark.parametrize("error", [DENIED, CUT_OFF, KeyboardInterrupt()])
def test_a_listing_that_breaks_off_leaves_nothing_behind(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    page = [
        {"Key": f"photos/{number:05}{'x' * 900}", "Size": 1, "ETag": '"x"', "LastModified": datetime.now(UTC)}
        for number in range(9_000)
    ]

    def break_off() -> None:
        assert len(lab.left()) == 1
        raise error

    monkeypatch.setattr(lab.s3, "get_paginator", lambda _: Pages([page], break_off))

    with pytest.raises(click.Abort if isinstance(error, KeyboardInterrupt) else type(error)):
        lab.run("backfill", SOURCE, *NOW)

    assert (lab.left(), lab.executions()) == ([], [])


@pytest.mark.parametrize("after", [0, 1])
def test_a_manifest_or_a_plan_that_cannot_be_written_leaves_nothing_behind(lab: Lab, after: int) -> None:
    lab.put("photos/a.jpg")
    lab.fail(lab.s3, "put_object", DENIED, after=after)

    with pytest.raises(ClientError):
        lab.run("backfill", SOURCE, *NOW)

    assert (lab.left(), lab.executions()) == ([], [])


@pytest.mark.parametrize("error", [DENIED, CUT_OFF])
def test_a_start_that_fails_keeps_the_manifest_and_can_be_resumed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    lab.put("photos/a.jpg")
    with monkeypatch.context() as patched:
        lab.monkeypatch = patched
        lab.fail(lab.machines, "start_execution", error)
        with pytest.raises(UserError, match=r"was not started \(.*\), but its manifest is kept; run `mlstack") as told:
            lab.run("backfill", SOURCE, *NOW)
    name = str(told.value).rpartition(" ")[2].rstrip("`")

    assert lab.run("backfills", "resume", name, *NOW) == 0

    [run] = lab.executions()
    assert run["input"]["manifest"] == f"vision/backfill/{name}/manifest.json"
    assert run["name"] != name


def test_an_interrupt_while_looking_on_leaves_the_run_going(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.put("photos/a.jpg")
    monkeypatch.setattr(lab.machines, "list_map_runs", lambda **_: {"mapRuns": []})
    lab.fail(lab.machines, "list_map_runs", KeyboardInterrupt(), after=2)

    with pytest.raises(click.Abort):
        lab.run("backfill", SOURCE, "--yes")

    [run] = lab.executions()
    assert run["status"] == "RUNNING"
    assert f"{run['name']} goes on; `mlstack vision backfills stop {run['name']}` ends it" in capsys.readouterr().err


def test_a_fault_while_looking_on_says_that_the_run_goes_on(lab: Lab) -> None:
    lab.put("photos/a.jpg")
    lab.fail(lab.machines, "list_map_runs", CUT_OFF)

    with pytest.raises(UserError, match=r"is out of sight .* and may go on; see `mlstack vision backfills list`"):
        lab.run("backfill", SOURCE, "--yes")

    assert len(lab.executions()) == 1
    assert {key.rpartition("/")[2] for key in lab.left()} == {"manifest.json", "plan.json"}


def test_a_few_lost_looks_end_nothing(
    working: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    working.put("photos/a.jpg")
    real, looks = working.machines.describe_execution, iter(range(100))

    def unsteady(**asked: str) -> Any:  # noqa: ANN401 (it stands for Step Functions' own operation)
        if next(looks) < 4:
            raise CUT_OFF
        return real(**asked)

    monkeypatch.setattr(working.machines, "describe_execution", unsteady)

    assert working.run("backfill", SOURCE, "--yes") == 0
    assert "is finished: 1 of 1 batches are done, 0 failed" in capsys.readouterr().err


def test_region_goes_with_a_real_account_only(lab: Lab) -> None:
    with pytest.raises(click.UsageError, match="--region goes with --aws"):
        lab.run("backfill", SOURCE, *NOW, "--region", "eu-west-1")


def test_results_of_a_stage_without_its_results_bucket_are_an_error_of_aws(lab: Lab) -> None:
    lab.put("photos/a.jpg")
    lab.s3.delete_bucket(Bucket=RESULTS)

    with pytest.raises(ClientError, match="NoSuchBucket"):
        lab.run("backfill", SOURCE, *NOW)

    assert lab.executions() == []
