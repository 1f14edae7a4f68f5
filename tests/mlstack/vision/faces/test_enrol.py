"""`mlstack faces enrol`: a photo into the person's folder, and the verdict of the stage's own function."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlstack.errors import UserError
from mlstack.vision.faces.command import faces
from tests.mlstack.vision.faces.conftest import JPEG, Stage
from tests.mlstack.vision.results_lab import MEDIA, outcome

VERSION = hashlib.md5(JPEG, usedforsecurity=False).hexdigest()
KEY = f"people/alice/{hashlib.sha256(JPEG).hexdigest()[:12]}/a.jpg"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(faces, ["enrol", *(str(one) for one in arguments)])


def verdict(stage: Stage, **enrolment: Any) -> None:  # noqa: ANN401 (attributes of any kind)
    """What the function will have recorded."""
    stage.lab.record(KEY, VERSION, analyses={"enrolment": enrolment})


def test_photo_goes_into_the_persons_folder_and_its_face_is_shown(stage: Stage, photo: Path) -> None:
    verdict(stage, **outcome("", ("alice", 99.9)))

    result = run("alice", photo, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {"photo": str(photo), "object": f"s3://{MEDIA}/{KEY}", "faces": 1, "reason": None}
    ]
    assert stage.lab.s3.get_object(Bucket=MEDIA, Key=KEY)["Body"].read() == JPEG


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ({"status": "found", "count": 0, "top": []}, "large, sharp and frontal"),
        ({"status": "refused", "reason": "the image is 10 x 10 pixels"}, "10 x 10"),
    ],
)
def test_photo_without_a_face_ends_with_one_and_the_reason(
    stage: Stage, photo: Path, recorded: dict[str, Any], said: str
) -> None:
    verdict(stage, **recorded)

    result = run("alice", photo)

    assert result.exit_code == 1
    assert said in result.stdout


def test_photo_without_a_verdict_in_time_is_late(stage: Stage, photo: Path) -> None:
    result = run("alice", photo, "--timeout", 1)

    assert result.exit_code == 1
    assert "nothing was recorded" in result.stdout
    assert stage.rekognition.calls == []


@pytest.mark.parametrize("name", ["", "al ice", "../alice", "alice/bob", "älice", "a" * 256])
def test_name_that_rekognition_does_not_take_uploads_nothing(stage: Stage, photo: Path, name: str) -> None:
    result = run("--", name, photo)

    assert result.exit_code == 2
    assert stage.lab.s3.list_objects_v2(Bucket=MEDIA)["KeyCount"] == 0


def test_stage_that_only_searches_says_which_analysis_is_missing(stage: Stage, photo: Path) -> None:
    del stage.outputs["EnrolmentPrefix"]

    result = run("alice", photo)

    assert isinstance(result.exception, UserError)
    assert '"enrolment"' in str(result.exception)


def test_photo_larger_than_rekognition_takes_is_not_uploaded(stage: Stage, photo: Path) -> None:
    with photo.open("r+b") as file:
        file.truncate(15 * 1024 * 1024 + 1)

    assert run("alice", photo).exit_code == 2
    assert stage.lab.s3.list_objects_v2(Bucket=MEDIA)["KeyCount"] == 0
