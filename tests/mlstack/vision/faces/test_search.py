"""`mlstack faces search`, `compare` and `list`."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlstack.errors import UserError
from mlstack.vision.faces.command import faces
from tests.mlstack.vision.faces.conftest import JPEG, Stage


def run(*arguments: object) -> Result:
    return CliRunner().invoke(faces, [str(one) for one in arguments])


def test_search_tells_each_person_once_with_the_best_similarity(stage: Stage, photo: Path) -> None:
    stage.rekognition.matches = [("bob", 91.0), ("alice", 99.5), ("alice", 95.0), (None, 90.0)]

    result = run("search", photo, "--json")

    assert json.loads(result.stdout) == [
        {"person": "alice", "similarity": 99.5, "faces": 2},
        {"person": "bob", "similarity": 91.0, "faces": 1},
        {"person": "(without a name)", "similarity": 90.0, "faces": 1},
    ]
    [(operation, asked)] = stage.rekognition.calls
    assert (operation, asked["CollectionId"]) == ("SearchFacesByImage", "sandbox-faces")
    assert base64.b64decode(asked["Image"]["Bytes"]) == JPEG


def test_search_shows_a_table_with_least_similarity_heard(stage: Stage, photo: Path) -> None:
    stage.rekognition.matches = [("alice", 99.5), ("bob", 91.0)]

    result = run("search", photo, "--min", 95)

    assert "alice" in result.stdout
    assert "bob" not in result.stdout


def test_search_that_finds_nobody_ends_with_one(stage: Stage, photo: Path) -> None:
    result = run("search", photo)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "lower --min" in result.stderr
    assert stage.rekognition.calls[0][1]["FaceMatchThreshold"] == 80.0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("InvalidParameterException", "no face"),
        ("InvalidImageFormatException", "damaged"),
        ("ImageTooLargeException", "too large"),
    ],
)
@pytest.mark.parametrize("command", ["search", "compare"])
def test_photo_without_a_face_is_one_clear_line(stage: Stage, photo: Path, command: str, code: str, said: str) -> None:
    stage.rekognition.error = code

    result = run(command, photo, *([photo] if command == "compare" else []))

    assert isinstance(result.exception, UserError)
    assert said in str(result.exception)


def test_other_errors_are_told_as_they_are(stage: Stage, photo: Path) -> None:
    stage.rekognition.error = "AccessDeniedException"

    for arguments in (["search", photo], ["compare", photo, photo]):
        assert "AccessDeniedException" in str(run(*arguments).exception)


@pytest.mark.parametrize(("content", "said"), [(b"GIF89a", "no JPEG or PNG"), (b"", "no JPEG or PNG")])
def test_what_is_no_photo_is_refused_before_anything_is_billed(
    stage: Stage, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.gif"
    path.write_bytes(content)

    result = run("search", path)

    assert (result.exit_code, stage.rekognition.calls) == (2, [])
    assert said in result.stderr


def test_photo_of_more_than_five_megabytes_is_refused(stage: Stage, photo: Path) -> None:
    with photo.open("r+b") as file:
        file.truncate(5 * 1024 * 1024 + 1)

    assert "at most 5,242,880" in run("search", photo).stderr
    with photo.open("r+b") as file:
        file.truncate(5 * 1024 * 1024)
    assert run("search", photo).exit_code == 1
    assert len(stage.rekognition.calls) == 1


def test_compare_ends_with_zero_for_the_same_face_and_one_for_another(stage: Stage, photo: Path) -> None:
    stage.rekognition.matches = [(None, 99.0)]

    same, other = run("compare", photo, photo), run("compare", photo, photo, "--min", "99.5")

    assert (same.exit_code, other.exit_code) == (0, 1)
    assert "99.0 percent" in same.stdout
    assert "no such face among 1" in other.stdout
    assert json.loads(run("compare", photo, photo, "--json").stdout) == {"similarities": [99.0], "other_faces": 1}


@pytest.mark.parametrize("arguments", [["search"], ["enrol", "alice"], ["list"], ["forget", "alice"]])
def test_stage_without_a_collection_names_the_profiles_key(stage: Stage, photo: Path, arguments: list[str]) -> None:
    del stage.outputs["CollectionId"]

    result = run(*arguments, *([photo] if arguments[0] in {"search", "enrol"} else []))

    assert isinstance(result.exception, UserError)
    assert "[vision.images]" in str(result.exception)


def test_list_counts_faces_over_all_pages_and_names_the_price(stage: Stage) -> None:
    stage.rekognition.page = 2
    for person, count in (("bob", 1), ("alice", 4), ("", 1)):
        stage.rekognition.add(person, count)

    result = run("list")

    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["alice", "4"] in rows
    assert ["(without", "a", "name)", "1"] in rows
    assert "$0.00006 a month" in result.stdout
    assert json.loads(run("list", "--json").stdout) == {
        "people": [{"person": None, "faces": 1}, {"person": "alice", "faces": 4}, {"person": "bob", "faces": 1}],
        "usd_per_month": 0.00006,
    }


def test_list_of_nobody_names_the_next_step(stage: Stage) -> None:
    assert "mlstack faces enrol" in run("list").stderr
    assert stage.rekognition.calls != []


@pytest.mark.parametrize("command", [[], ["enrol"], ["search"], ["compare"], ["list"], ["forget"]])
def test_every_command_has_an_example(command: list[str]) -> None:
    assert "Example: mlstack faces" in run(*command, "--help").stdout
