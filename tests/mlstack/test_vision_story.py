"""Layer 1 with every feature on, on the local AWS: what people do with it through the command line, told in order."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image, ImageDraw

from mlstack import deployment
from mlstack.account import of_local
from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from mlstack.vision.results import Record, Results

CAT = ROOT / "examples" / "photos" / "cat at home.jpg"
PATIENCE_S = 60.0
MOVIE = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(4000)
Run = Callable[..., tuple[int, str, str]]
Found = TypeVar("Found")


def photo(folder: Path, name: str) -> Path:
    """A small photo that no other test has."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (160, 120), "#88aacc")
    ImageDraw.Draw(picture).text((4, 4), name, fill="black")
    picture.save(path, quality=70)
    return path


@pytest.fixture(scope="module")
def outputs(stage: LocalAws) -> dict[str, str]:
    """What the vision stack tells."""
    return deployment.outputs(of_local(stage), "sandbox", "Vision")


@pytest.fixture(scope="module")
def results(stage: LocalAws) -> Results:
    """The stage's results."""
    return Results.find(of_local(stage), "sandbox")


def until(look: Callable[[], Found | None]) -> Found:
    """Look until there is something, and give it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    message = "nothing came in time"
    raise AssertionError(message)


def put(stage: LocalAws, bucket: str, key: str, content: bytes) -> str:
    """Put an object; its version."""
    answer: dict[str, Any] = stage.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return str(answer["ETag"]).strip('"')


def final(results: Results, uri: str, version: str) -> Record:
    """The record of an object version once it is final."""

    def look() -> Record | None:
        record = results.record(uri, version)
        return record if record and record.status != "working" else None

    return until(look)


def test_the_whole_stage_is_there_and_nothing_was_skipped(stage: LocalAws) -> None:
    mine = {name: status for name, status in stage.stacks().items() if name.startswith("mlstack-")}

    assert set(mine.values()) == {"CREATE_COMPLETE"}
    assert stage.gaps() == []


def test_a_photo_gets_every_analysis_of_its_prefix_once(stage: LocalAws, run: Run, tmp_path: Path) -> None:
    code, written, _ = run("vision", "analyse", photo(tmp_path, "first.jpg"), "--json")

    [told] = json.loads(written)
    assert code == 0
    assert {name: one["status"] for name, one in told["analyses"].items()} == dict.fromkeys(
        ("labels", "faces", "moderation", "text", "celebrities", "protective_equipment"), "found"
    )
    calls = stage.report()["rekognition"]
    assert {name: calls[name]["billed"] for name in ("DetectLabels", "DetectFaces", "DetectText")} == {
        "DetectLabels": 1,
        "DetectFaces": 1,
        "DetectText": 1,
    }


def test_what_was_seen_is_found_by_its_name(run: Run) -> None:
    code, written, _ = run("vision", "find", "--label", "mobile phone", "--min", "90", "--json")
    none, _, said = run("vision", "find", "--label", "Unicorn")

    assert code == 0
    assert [Path(one["key"]).name for one in json.loads(written)] == ["first.jpg"]
    assert none == 1
    assert "nothing is known of Unicorn" in said


def test_a_person_is_enrolled_recognized_at_the_door_and_forgotten(
    stage: LocalAws, results: Results, outputs: dict[str, str], run: Run, tmp_path: Path
) -> None:
    alice = photo(tmp_path, "alice.jpg")

    enrolled, _, said = run("faces", "enrol", "alice", alice)
    version = put(stage, outputs["MediaBucketName"], "door/1.jpg", alice.read_bytes())
    seen = final(results, f"s3://{outputs['MediaBucketName']}/door/1.jpg", version)
    found, written, _ = run("faces", "search", alice, "--json")

    assert enrolled == 0, said
    assert [one.name for one in seen.analyses["people"].top] == ["alice"]
    assert found == 0
    assert "alice" in written

    planned, plan, _ = run("faces", "forget", "alice", "--stage", "sandbox")
    kept, _, _ = run("faces", "search", alice)
    executed, _, said = run("faces", "forget", "alice", "--stage", "sandbox", "--execute")
    gone, _, _ = run("faces", "search", alice)

    assert (planned, kept) == (0, 0)
    assert "alice" in plan
    assert executed == 0, said
    assert gone == 1
    assert list(results.findings("people", "alice")) == []


def test_a_video_is_analysed_page_by_page_and_a_broken_one_is_refused_with_its_reason(
    stage: LocalAws, results: Results, outputs: dict[str, str]
) -> None:
    bucket = outputs["MediaBucketName"]
    versions = {
        key: put(stage, bucket, key, MOVIE + key.encode()) for key in ("videos/a.mp4", "videos/broken-video.mp4")
    }

    good, broken = (final(results, f"s3://{bucket}/{key}", version) for key, version in versions.items())

    assert good.status == "analysed"
    assert set(good.analyses) == {"labels", "moderation", "faces", "text", "segments"}
    assert any(one.first_ms is not None for one in results.findings_of(good))
    assert broken.status == "refused"
    assert "Unsupported video format" in broken.reason


def held(stage: LocalAws, outputs: dict[str, str]) -> list[str]:
    """What is in quarantine."""
    listed = stage.client("s3").list_objects_v2(Bucket=outputs["QuarantineBucketName"])
    return [one["Key"] for one in listed.get("Contents", ())]


def is_there(stage: LocalAws, outputs: dict[str, str], key: str) -> bool:
    """Whether an object is in the media bucket."""
    listed = stage.client("s3").list_objects_v2(Bucket=outputs["MediaBucketName"], Prefix=key)
    return bool(listed["KeyCount"])


def flag(stage: LocalAws, outputs: dict[str, str], run: Run, path: Path) -> str:
    """Upload what moderation flags, and wait for its review; the object's key."""
    key = f"photos/{path.name}"
    put(stage, outputs["MediaBucketName"], key, path.read_bytes())

    def pending() -> bool | None:
        _, written, _ = run("vision", "review", "list", "--json")
        return True if written and key in written else None

    until(pending)
    return key


def test_flagged_content_goes_into_quarantine_until_a_person_approves_it(
    stage: LocalAws, outputs: dict[str, str], run: Run, tmp_path: Path
) -> None:
    key = flag(stage, outputs, run, photo(tmp_path, "art (moderation-example).jpg"))
    in_quarantine, in_media = held(stage, outputs), is_there(stage, outputs, key)

    code, _, said = run("vision", "review", "approve", key, "--note", "a painting")

    assert len(in_quarantine) == 1
    assert not in_media
    assert code == 0, said
    until(lambda: is_there(stage, outputs, key) or None)
    until(lambda: not held(stage, outputs) or None)


def test_rejected_content_stays_in_quarantine_and_nothing_is_deleted(
    stage: LocalAws, outputs: dict[str, str], run: Run, tmp_path: Path
) -> None:
    key = flag(stage, outputs, run, photo(tmp_path, "bad (moderation-example).jpg"))

    code, _, said = run("vision", "review", "reject", key)

    def rejected() -> bool | None:
        _, written, _ = run("vision", "review", "list", "--status", "rejected", "--json")
        return True if written and key in written else None

    assert code == 0, said
    until(rejected)
    assert len(held(stage, outputs)) == 1
    assert not is_there(stage, outputs, key)


def test_what_lay_there_before_is_priced_then_analysed_and_never_twice(
    stage: LocalAws, results: Results, run: Run, tmp_path: Path
) -> None:
    bucket = "old-holidays"
    stage.client("s3").create_bucket(Bucket=bucket)
    keys = [f"archive/{number}.jpg" for number in range(12)]
    for key in keys:
        put(stage, bucket, key, photo(tmp_path, key).read_bytes())
    source = f"s3://{bucket}/archive/"
    before = stage.report()["rekognition"]["DetectLabels"]["billed"]

    dry, plan, _ = run("vision", "backfill", source, "--analyses", "labels", "--dry-run")
    code, _, said = run("vision", "backfill", source, "--analyses", "labels", "--yes")
    again, _, _ = run("vision", "backfill", source, "--analyses", "labels", "--yes")

    assert dry == 0
    assert "12" in plan
    assert "$" in plan
    assert (code, again) == (0, 0), said
    assert stage.report()["rekognition"]["DetectLabels"]["billed"] == before + len(keys)
    found = {one.key for one in results.findings("labels", "Mobile Phone")}
    assert set(keys) <= found


def test_a_throttled_api_delays_photos_and_loses_none(
    stage: LocalAws, results: Results, outputs: dict[str, str], tmp_path: Path
) -> None:
    bucket = outputs["MediaBucketName"]
    keys = [f"photos/many/{number}.jpg" for number in range(10)]
    contents = {key: photo(tmp_path, key).read_bytes() for key in keys}
    stage.rekognition_limits(calls_per_second={"DetectLabels": 2})
    try:
        versions = {key: put(stage, bucket, key, content) for key, content in contents.items()}
        records = [final(results, f"s3://{bucket}/{key}", version) for key, version in versions.items()]
    finally:
        stage.rekognition_limits(calls_per_second={})

    assert {record.status for record in records} == {"analysed"}
    assert stage.report()["rekognition"]["DetectLabels"]["throttled"] > 0


def test_a_gallery_of_it_all_is_one_page_that_loads_nothing(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "gallery.html"

    code, _, said = run("vision", "gallery", page)

    text = page.read_text(encoding="utf-8")
    assert code == 0, said
    assert "first.jpg" in text
    assert "data:image/jpeg;base64," in text
    assert "Content-Security-Policy" in text


def test_dead_letters_are_shown_with_their_reasons_and_sent_back_only_when_told(
    stage: LocalAws, outputs: dict[str, str], run: Run
) -> None:
    stage.client("sqs").send_message(QueueUrl=outputs["QueueUrl"], MessageBody="no event at all")

    def parked() -> str | None:
        _, written, _ = run("vision", "redrive", "--stage", "sandbox")
        return written if "not an S3 Object Created event" in written else None

    shown = until(parked)
    code, _, said = run("vision", "redrive", "--stage", "sandbox", "--execute")

    assert "1" in shown
    assert code == 0, said


def running(stage: LocalAws, machine: str) -> list[str]:
    """What a state machine runs."""
    found = stage.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return [one["executionArn"] for one in found["executions"]]


def began(stage: LocalAws, outputs: dict[str, str], content: bytes) -> str:
    """A backfill of a photo that somebody else seems to work on: it comes again and again for minutes."""
    media, results, key = outputs["MediaBucketName"], outputs["ResultsBucketName"], "endless.jpg"
    version = put(stage, media, key, content)
    taken = {"object": {"S": f"s3://{media}/{key}"}, "entry": {"S": version}, "owner": {"S": "somebody else"}}
    lease = {"status": {"S": "working"}, "lease_until": {"N": str(time.time() + 900)}, "attempts": {"N": "1"}}
    stage.client("dynamodb").put_item(TableName=outputs["ResultsTableName"], Item=taken | lease)
    manifest = "vision/backfill/endless/manifest.json"
    batches = [{"bucket": media, "objects": [{"key": key, "size": len(content), "etag": version}]}]
    stage.client("s3").put_object(Bucket=results, Key=manifest, Body=json.dumps(batches))
    given = json.dumps({"manifest": manifest, "analyses": ["labels"]})
    machine = outputs["BackfillStateMachineArn"]
    execution = stage.client("stepfunctions").start_execution(stateMachineArn=machine, name="endless", input=given)
    return str(execution["executionArn"])


def ended(stage: LocalAws, execution: str) -> str:
    """Why an execution ended, once it has."""

    def look() -> str | None:
        told = stage.client("stepfunctions").describe_execution(executionArn=execution)
        return f"{told['status']}: {told.get('cause')}" if told["status"] != "RUNNING" else None

    return until(look)


def test_a_destroy_ends_what_waits_for_a_person_and_what_still_runs_and_leaves_nothing_of_the_stage(
    stage: LocalAws, outputs: dict[str, str], run: Run, tmp_path: Path
) -> None:
    flag(stage, outputs, run, photo(tmp_path, "never decided (moderation-example).jpg"))
    [review] = running(stage, outputs["ReviewStateMachineArn"])
    backfill = began(stage, outputs, photo(tmp_path, "endless.jpg").read_bytes())

    with ThreadPoolExecutor() as side:
        reasons = [side.submit(ended, stage, execution) for execution in (review, backfill)]
        stage.destroy()

    assert [reason.result() for reason in reasons] == ["ABORTED: the stage is being destroyed"] * 2
    assert [one.name for one in stage.leftovers().resources] == ["old-holidays"]
