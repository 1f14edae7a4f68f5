"""Photos and videos go where the stage looks for them, and what was known before is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlstack import account, deployment
from mlstack.errors import UserError
from mlstack.vision.analyse import analyse
from mlstack.vision.film import is_video
from mlstack.vision.uploads import VisionStage
from tests.mlstack.vision.results_lab import MEDIA, TABLE, Lab, outcome

MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0 a photo"
ROUTES = {"people/": ("enrolment",), "photos/": ("labels",)}
VIDEOS = {"clips/": ("labels", "segments"), "films/": ("labels",)}


@pytest.fixture
def vision(lab: Lab) -> VisionStage:
    """A stage that takes photos and videos."""
    return VisionStage(account=lab.account, media_bucket=MEDIA, routes=ROUTES, videos=VIDEOS, results=lab.results)


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("clip.mp4", MP4, True),
        ("clip", MP4, True),
        ("clip.MOV", b"", True),
        ("clip.mov", b"\0\0\0\x08moov", True),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0", False),
        ("photo.jpg", JPEG, False),
        ("empty.jpg", b"", False),
    ],
)
def test_a_video_is_told_by_its_first_bytes_or_its_name(
    tmp_path: Path, name: str, content: bytes, *, expected: bool
) -> None:
    assert is_video(file(tmp_path, name, content)) is expected


def test_each_file_goes_where_its_kind_is_looked_for(vision: VisionStage, tmp_path: Path) -> None:
    photo, video = file(tmp_path, "a.jpg", JPEG), file(tmp_path, "a.mp4", MP4)

    assert (vision.place(photo), vision.place(video)) == ("photos/", "clips/")
    assert vision.place(video, "films/sub/") == "films/sub/"


def test_a_prefix_of_the_other_kind_is_refused_in_plain_words(vision: VisionStage, tmp_path: Path) -> None:
    photo, video = file(tmp_path, "a.jpg", JPEG), file(tmp_path, "a.mp4", MP4)

    with pytest.raises(UserError, match=r"'clips/' takes videos \(MP4 or MOV\); for photos say --prefix with one of"):
        vision.place(photo, "clips/")
    with pytest.raises(UserError, match="no analysis of videos looks at 'photos/'; say --prefix with one of 'clips/'"):
        vision.place(video, "photos/")


def test_a_video_for_a_stage_without_videos_names_the_profile(lab: Lab, tmp_path: Path) -> None:
    stage = VisionStage(account=lab.account, media_bucket=MEDIA, routes=ROUTES, results=lab.results)

    with pytest.raises(UserError, match=r"analyses no videos; name prefixes in \[vision.videos\]"):
        stage.place(file(tmp_path, "a.mp4", MP4))


def test_a_video_larger_than_one_part_arrives_whole(vision: VisionStage, lab: Lab, tmp_path: Path) -> None:
    content = MP4 + bytes(9 * 1024 * 1024)

    upload = vision.upload(file(tmp_path, "long.mp4", content), "clips/")

    key = upload.uri.removeprefix(f"s3://{MEDIA}/")
    lies = lab.s3.get_object(Bucket=MEDIA, Key=key)
    assert lies["Body"].read() == content
    assert upload.version == lies["ETag"].strip('"')
    assert upload.video


@pytest.mark.parametrize(("name", "content"), [("a.jpg", JPEG), ("a.mp4", MP4)])
def test_what_was_analysed_before_is_not_taken_for_fresh(
    vision: VisionStage, lab: Lab, tmp_path: Path, name: str, content: bytes
) -> None:
    path = file(tmp_path, name, content)
    first = vision.upload(path, "photos/")
    lab.record(first.uri.removeprefix(f"s3://{MEDIA}/"), first.version, analyses={})

    [again] = vision.verdicts([vision.upload(path, "photos/")], patience_s=1)
    [fresh] = vision.verdicts([first], patience_s=1)

    assert again.known_since == "2026-11-20T10:00:00.000+00:00"
    assert fresh.known_since == ""


def test_a_late_video_asks_for_more_patience(vision: VisionStage, tmp_path: Path) -> None:
    upload = vision.upload(file(tmp_path, "a.mp4", MP4), "clips/")

    [verdict] = vision.verdicts([upload], patience_s=0)

    assert "longer --timeout" in verdict.reason


@pytest.fixture
def commanded(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The outputs of the stage that the command finds; whatever is uploaded there is analysed at once."""
    outputs = {
        "MediaBucketName": MEDIA,
        "ResultsTableName": TABLE,
        "Routes": json.dumps(ROUTES),
        "VideoRoutes": json.dumps(VIDEOS),
    }
    monkeypatch.setattr(account, "choose", lambda *_: lab.account)
    monkeypatch.setattr(deployment, "outputs", lambda *_: outputs)
    real = VisionStage.upload

    def upload(self: VisionStage, photo: Path, prefix: str) -> Any:  # noqa: ANN401 (the upload's own)
        made = real(self, photo, prefix)
        found = {"labels": outcome("", ("Dog", 98.0)), "moderation": outcome("", ("Violence", 91.0))}
        key = made.uri.removeprefix(f"s3://{MEDIA}/")
        lab.record(key, made.version, analyses=found)
        lab.finding(key, "labels", "Dog", 98.0, made.version, first_ms=3000, last_ms=65_000)
        return made

    monkeypatch.setattr(VisionStage, "upload", upload)
    return outputs


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(analyse, [*map(str, arguments)])


@pytest.mark.usefixtures("commanded")
def test_a_videos_names_are_shown_with_their_times(tmp_path: Path) -> None:
    video, photo = file(tmp_path, "a.mp4", MP4), file(tmp_path, "a.jpg", JPEG)

    shown, told = run(video, photo), json.loads(run(video, photo, "--json").stdout)

    assert shown.exit_code == 0
    assert "Uploading to clips/ and photos/" in shown.stderr
    assert "Dog 98.0 from 0:03 to 1:05" in shown.stdout
    assert told[0]["spans"] == [{"analysis": "labels", "name": "Dog", "first_ms": 3000, "last_ms": 65_000}]
    assert "spans" not in told[1]


@pytest.mark.usefixtures("commanded")
def test_the_same_photo_again_says_since_when_it_is_known(tmp_path: Path) -> None:
    photo = file(tmp_path, "a.jpg", JPEG)

    fresh, again = run(photo).stdout, run(photo)

    assert "already" not in fresh
    assert "already analysed at 2026-11-20 10:00:00" in again.stdout


@pytest.mark.parametrize(("acts", "said"), [(True, "flagged: 1; see `mlstack vision review list"), (False, "")])
def test_what_moderation_flagged_is_told_where_something_is_done_about_it(
    commanded: dict[str, str], tmp_path: Path, said: str, *, acts: bool
) -> None:
    if acts:
        commanded["ReviewStateMachineArn"] = "arn"

    errors = run(file(tmp_path, "a.jpg", JPEG)).stderr

    assert ("flagged" in errors) is acts
    assert said in errors


@pytest.mark.usefixtures("commanded")
def test_photos_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    same = [file(tmp_path / folder, "a.jpg", JPEG + folder.encode()) for folder in ("one", "two")]

    table = run(*same, file(tmp_path, "b.jpg", JPEG)).stdout

    assert all(str(path) in table for path in same)
    assert str(tmp_path / "b.jpg") not in table


@pytest.mark.usefixtures("commanded")
def test_a_video_is_not_drawn(tmp_path: Path) -> None:
    result = run(file(tmp_path, "a.mp4", MP4), "--draw", tmp_path / "boxes.png")

    assert result.exit_code == 1
    assert "nothing to draw" in result.output


def test_a_video_may_be_larger_than_any_photo(commanded: dict[str, str], tmp_path: Path) -> None:
    commanded["VideoRoutes"] = "{}"
    with (tmp_path / "long.mp4").open("wb") as long:
        long.truncate(65 * 1024 * 1024)

    result = run(tmp_path / "long.mp4")

    assert isinstance(result.exception, UserError)
    assert "analyses no videos" in str(result.exception)
