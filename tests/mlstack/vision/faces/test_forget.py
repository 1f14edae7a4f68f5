"""`mlstack faces forget`: everything of one person goes, nothing of anybody else."""

import json
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from mlstack.errors import UserError
from mlstack.vision.faces.command import faces
from shared.object_version import ObjectVersion
from tests.mlstack.vision.faces.conftest import JPEG, Stage
from tests.mlstack.vision.results_lab import DOCUMENTS, MEDIA, TABLE

EXECUTE = ("--stage", "sandbox", "--execute")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(faces, ["forget", *arguments])


def record(stage: Stage, key: str, version: str) -> dict[str, Any]:
    """The record of a photo, in DynamoDB's own notation."""
    where = {"object": {"S": f"s3://{MEDIA}/{key}"}, "entry": {"S": version}}
    item: dict[str, Any] = stage.lab.dynamodb.get_item(TableName=TABLE, Key=where)["Item"]
    return item


def test_plan_counts_everything_and_changes_nothing(stage: Stage) -> None:
    stage.enrolled("alice", faces=2)
    stage.seen("photos/party.jpg", "alice", "bob")
    before = stage.everything()

    result = run("alice")

    assert result.exit_code == 0
    assert json.loads(run("alice", "--json").stdout) == {
        "faces": 2,
        "photos": 1,
        "documents": 2,
        "items": 3,
        "records": 1,
        "photo_keys": ["people/alice/abc/1.jpg"],
    }
    assert "people/alice/abc/1.jpg" in result.stdout
    assert "nothing was deleted" in result.stderr
    assert stage.everything() == before


def test_execute_leaves_no_word_of_the_person_and_every_word_of_others(stage: Stage) -> None:
    stage.enrolled("alice", "1.jpg")
    stage.enrolled("alice", "2.jpg", faces=0)
    stage.enrolled("alice", prefix="staff/")
    stage.enrolled("bob")
    version = stage.seen("photos/party.jpg", "alice", "bob")
    others = stage.seen("photos/other.jpg", "bob")

    result = run("alice", *EXECUTE)

    assert result.exit_code == 0
    assert "alice" not in stage.everything()
    assert set(stage.rekognition.faces.values()) == {"bob"}
    party = record(stage, "photos/party.jpg", version)["analyses"]["M"]["people"]["M"]
    assert [one["M"]["name"]["S"] for one in party["top"]["L"]] == ["bob"]
    assert "document" not in party
    assert "document" in record(stage, "photos/other.jpg", others)["analyses"]["M"]["people"]["M"]
    assert stage.lab.s3.get_object(Bucket=MEDIA, Key="photos/party.jpg")["Body"].read() == JPEG


@pytest.mark.parametrize("other", ["Alice", "ALICE", "alice2", "alice.", "al"])
def test_people_with_similar_names_are_left_alone(stage: Stage, other: str) -> None:
    stage.enrolled(other)
    stage.seen("photos/party.jpg", other)
    before = stage.everything()

    result = run("alice", *EXECUTE)

    assert result.exit_code == 0
    assert stage.everything() == before


def test_every_version_and_delete_marker_goes(stage: Stage) -> None:
    for bucket in (MEDIA, DOCUMENTS):
        stage.lab.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    key = stage.enrolled("alice")
    stage.lab.picture(key, JPEG + b"newer")
    stage.lab.s3.delete_object(Bucket=MEDIA, Key=key)

    run("alice", *EXECUTE)

    assert "alice" not in stage.everything()


def test_photos_that_are_gone_from_the_bucket_are_found_by_their_records(stage: Stage) -> None:
    for name, faces_found in (("1.jpg", 1), ("2.jpg", 0)):
        stage.lab.s3.delete_object(Bucket=MEDIA, Key=stage.enrolled("alice", name, faces=faces_found))

    run("alice", *EXECUTE)

    assert "alice" not in stage.everything()


def test_copy_of_an_enrolment_photo_in_quarantine_goes_too(stage: Stage) -> None:
    key = stage.enrolled("alice")
    stage.lab.s3.put_object(Bucket=DOCUMENTS, Key="held/alice", Body=JPEG)
    uri = f"s3://{MEDIA}/{key}"
    stage.lab.put({"object": uri, "entry": "1#review", "version": "1", "quarantined": f"s3://{DOCUMENTS}/held/alice"})

    run("alice", *EXECUTE)

    assert "alice" not in stage.everything()


def test_answer_that_a_function_had_no_time_to_note_goes_too(stage: Stage) -> None:
    version = stage.lab.picture("people/alice/1.jpg", JPEG)
    seen = stage.lab.picture("photos/party.jpg", JPEG)
    for key, one, analysis in (("people/alice/1.jpg", version, "enrolment"), ("photos/party.jpg", seen, "people")):
        digest = ObjectVersion(bucket=MEDIA, key=key, size=0, etag=one).digest
        stage.lab.document(f"vision/{analysis}/{digest}.json", {})
        stage.lab.record(key, one, status="working", analyses={})
    stage.lab.finding("photos/party.jpg", "people", "alice", 95.0, seen)

    run("alice", *EXECUTE)

    assert stage.lab.s3.list_objects_v2(Bucket=DOCUMENTS)["KeyCount"] == 0
    assert "alice" not in stage.everything()


def test_hostile_keys_are_no_hiding_place(stage: Stage) -> None:
    stage.lab.picture("people/alice/a b+%2F&<ä \N{CAT FACE}>?versionId=null#.jpg", JPEG)

    result = run("alice", *EXECUTE)

    assert result.exit_code == 0
    assert "alice" not in stage.everything()


def test_faces_are_deleted_over_all_pages_in_batches_that_rekognition_takes(stage: Stage) -> None:
    stage.rekognition.page = 1000
    stage.rekognition.add("alice", 4097)
    stage.rekognition.add("bob")

    run("alice", *EXECUTE)

    deleted = [len(asked["FaceIds"]) for operation, asked in stage.rekognition.calls if operation == "DeleteFaces"]
    assert deleted == [4096, 1]
    assert list(stage.rekognition.faces.values()) == ["bob"]


def test_face_that_rekognition_keeps_is_reported_and_ends_with_one(stage: Stage) -> None:
    stage.enrolled("alice")
    [number] = stage.rekognition.faces
    stage.rekognition.stubborn = {number: "ASSOCIATED_TO_A_USER"}

    result = run("alice", *EXECUTE)

    assert result.exit_code == 1
    assert f"kept face {number}: ASSOCIATED_TO_A_USER" in result.stderr
    assert "run this once more" in result.stderr


def test_face_that_somebody_else_deleted_meanwhile_is_no_failure(stage: Stage) -> None:
    stage.enrolled("alice")
    stage.rekognition.stubborn = dict.fromkeys(stage.rekognition.faces, "FACE_NOT_FOUND")

    result = run("alice", *EXECUTE)

    assert result.exit_code == 0
    assert "Rekognition kept" not in result.stderr


def test_answer_whose_key_begins_like_a_deleted_one_stays(stage: Stage) -> None:
    stage.enrolled("alice")
    longer = "vision/enrolment/alice-1.jpg.json.txt"
    stage.lab.document(longer, {})

    run("alice", *EXECUTE)

    assert [one["Key"] for one in stage.lab.s3.list_objects_v2(Bucket=DOCUMENTS)["Contents"]] == [longer]


def test_photo_enrolled_while_the_person_is_forgotten_goes_in_the_next_round(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.enrolled("alice")
    late = iter([lambda: stage.enrolled("alice", "late.jpg")])
    monkeypatch.setattr("mlstack.vision.faces.forget.time.sleep", lambda _: next(late, lambda: None)())

    result = run("alice", *EXECUTE)

    assert result.exit_code == 0
    assert "alice" not in stage.everything()


@pytest.mark.parametrize("operation", ["delete_object", "delete_item", "update_item"])
def test_run_that_broke_is_finished_by_the_next(stage: Stage, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    stage.enrolled("alice")
    stage.seen("photos/party.jpg", "alice", "bob")
    client = stage.lab.s3 if operation == "delete_object" else stage.lab.dynamodb

    def broken(**_: object) -> None:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, operation)

    with monkeypatch.context() as patch:
        patch.setattr(client, operation, broken)
        first = run("alice", *EXECUTE)
    second = run("alice", *EXECUTE)

    assert isinstance(first.exception, UserError)
    assert "alice is forgotten in part" in str(first.exception)
    assert "run the same command again" in str(first.exception)
    assert second.exit_code == 0
    assert "alice" not in stage.everything()


def test_everything_is_listed_before_the_first_is_deleted(stage: Stage) -> None:
    stage.lab.s3.put_bucket_versioning(Bucket=DOCUMENTS, VersioningConfiguration={"Status": "Enabled"})
    stage.enrolled("alice", "1.jpg")
    stage.enrolled("alice", "2.jpg")
    called: list[str] = []
    for name in ("ListObjectVersions", "DeleteObject"):
        stage.lab.s3.meta.events.register(f"before-call.s3.{name}", partial(noted, called, name), unique_id=name)

    run("alice", *EXECUTE)

    for name in ("ListObjectVersions", "DeleteObject"):
        stage.lab.s3.meta.events.unregister(f"before-call.s3.{name}", unique_id=name)
    first, last = called.index("DeleteObject"), len(called) - called[::-1].index("DeleteObject")
    assert "ListObjectVersions" in called[:first]
    assert set(called[first:last]) == {"DeleteObject"}


def noted(called: list[str], name: str, **_: object) -> None:
    """Remember a call."""
    called.append(name)


def test_second_run_finds_nothing_and_says_so(stage: Stage) -> None:
    stage.enrolled("alice")
    run("alice", *EXECUTE)

    again, plan = run("alice", *EXECUTE), run("alice")

    assert "0 faces, 0 photo versions" in again.stderr
    assert "keeps nothing of alice" in plan.stdout
    assert again.exit_code == 0


def test_execute_wants_the_stage_said(stage: Stage) -> None:
    stage.enrolled("alice")
    before = stage.everything()

    result = run("alice", "--execute")

    assert result.exit_code == 2
    assert "--stage sandbox" in result.stderr
    assert stage.everything() == before


def test_uploads_and_dead_letters_that_still_name_the_person_are_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlstack.vision.dead_letters.EMPTY_ANSWERS", 1)
    detail = {"bucket": {"name": MEDIA}, "object": {"key": "people/alice/abc/1.jpg"}}
    stage.sqs.send_message(QueueUrl=stage.outputs["QueueUrl"], MessageBody="x")
    for body in (json.dumps({"detail": detail}), "garbage"):
        stage.sqs.send_message(QueueUrl=stage.outputs["DeadLetterQueueUrl"], MessageBody=body)

    result = run("alice")

    assert "about 1 upload is not analysed yet" in result.stderr
    assert "1 dead letter names photos of alice" in result.stderr


def test_stage_without_enrolment_has_no_folders_to_delete(stage: Stage) -> None:
    stage.outputs["Routes"] = json.dumps({"photos/": ["people"]})
    stage.lab.picture("people/alice/1.jpg", JPEG)
    stage.rekognition.add("alice")

    run("alice", *EXECUTE)

    assert stage.rekognition.faces == {}
    assert stage.lab.s3.list_objects_v2(Bucket=MEDIA)["KeyCount"] == 1


def test_whole_bucket_as_enrolment_prefix_finds_the_persons_folder_alone(stage: Stage) -> None:
    stage.outputs["Routes"] = json.dumps({"": ["enrolment"]})
    stage.lab.picture("alice/1.jpg", JPEG)
    stage.lab.picture("bob/alice/1.jpg", JPEG)

    run("alice", *EXECUTE)

    assert [one["Key"] for one in stage.lab.s3.list_objects_v2(Bucket=MEDIA)["Contents"]] == ["bob/alice/1.jpg"]
