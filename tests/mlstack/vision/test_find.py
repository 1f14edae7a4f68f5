"""`mlstack vision find`, as a person and as a script see it."""

import json

import pytest
from click.testing import CliRunner

from mlstack.vision.find import find
from tests.mlstack.vision.results_lab import Lab


def test_what_was_seen_is_listed_best_first(lab: Lab, runner: CliRunner) -> None:
    lab.finding("photos/dog.jpg", "labels", "Dog", 90.25, instances=3)
    lab.finding("photos/puppy.jpg", "labels", "Dog", 99.5)

    outcome = runner.invoke(find, ["--label", "dog", "--min", "90"])

    assert outcome.exit_code == 0
    rows = [line.split() for line in outcome.stdout.splitlines() if "s3://" in line]
    assert rows == [
        ["s3://media/photos/puppy.jpg", "99.5", "1", "2026-11-20", "10:00:00"],
        ["s3://media/photos/dog.jpg", "90.2", "3", "2026-11-20", "10:00:00"],
    ]


def test_a_video_shows_where(lab: Lab, runner: CliRunner) -> None:
    lab.finding("clip.mp4", "labels", "Dog", 90, media="video", first_ms=1500, last_ms=61_000)

    outcome = runner.invoke(find, ["--label", "Dog"])

    assert "1.5 s" in outcome.stdout
    assert "61.0 s" in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "analysis"),
    [
        (["--label", "X"], "labels"),
        (["--person", "X"], "people"),
        (["--text", "X"], "text"),
        (["--celebrity", "X"], "celebrities"),
        (["--moderation", "X"], "moderation"),
        (["--equipment", "X"], "protective_equipment"),
        (["--custom-label", "X"], "custom_labels"),
        (["--analysis", "faces", "--name", "X"], "faces"),
    ],
)
def test_each_option_looks_at_its_own_analysis(
    lab: Lab, runner: CliRunner, arguments: list[str], analysis: str
) -> None:
    for name in (
        "labels",
        "people",
        "text",
        "celebrities",
        "moderation",
        "protective_equipment",
        "custom_labels",
        "faces",
    ):
        lab.finding(f"{name}.jpg", name, "X", 90)

    outcome = runner.invoke(find, [*arguments, "--json"])

    assert [one["key"] for one in json.loads(outcome.stdout)] == [f"{analysis}.jpg"]


def test_a_script_gets_every_field(lab: Lab, runner: CliRunner) -> None:
    lab.finding("ä.jpg", "labels", "Dog", 90.25)

    outcome = runner.invoke(find, ["--label", "Dog", "--json"])

    assert json.loads(outcome.stdout) == [
        {
            "object": "s3://media/ä.jpg",
            "version": "1",
            "media": "image",
            "bucket": "media",
            "key": "ä.jpg",
            "analysis": "labels",
            "name": "Dog",
            "confidence": 90.25,
            "instances": 1,
            "updated_at": "2026-11-20T10:00:00.000+00:00",
            "first_ms": None,
            "last_ms": None,
        }
    ]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_nothing_found_names_the_least_confidence_and_how_names_are_written(
    lab: Lab, runner: CliRunner, more: list[str]
) -> None:
    lab.finding("a.jpg", "labels", "Dog", 60)

    outcome = runner.invoke(find, ["--label", "Dog", "--min", "90", *more])

    assert outcome.exit_code == 1
    assert "--min" in outcome.stderr
    assert "as Rekognition writes it" in outcome.stderr
    assert outcome.stdout == ("[]\n" if more else "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--label", "Dogs"], "`Dog`, not `dogs`)"),
        (["--label", "Dogs", "--min", "5"], "a lower --min finds more"),
        (["--label", "Dogs", "--since", "2026-01-01"], "an earlier --since finds more"),
        (["--person", "bob"], "nothing is known of bob (people): `mlstack faces list` shows who is enrolled"),
        (["--equipment", "helmet"], "Rekognition knows FACE_COVER, HAND_COVER and HEAD_COVER"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_nothing_found_names_what_was_asked_and_no_more(runner: CliRunner, arguments: list[str], said: str) -> None:
    told = runner.invoke(find, arguments).stderr

    assert said in told
    assert all((option in told) is (option in arguments) for option in ("--min", "--since"))


@pytest.mark.parametrize("since", ["2026-11-20", "2026-11-20T10:00", "2026-11-20T11:00+01:00", "2026-11-20 09:59:59"])
def test_a_date_may_name_a_time_and_a_zone(lab: Lab, runner: CliRunner, since: str) -> None:
    lab.finding("a.jpg", "labels", "Dog", 90)

    assert runner.invoke(find, ["--label", "Dog", "--since", since]).exit_code == 0


def test_more_than_the_limit_is_said(lab: Lab, runner: CliRunner) -> None:
    for number in range(3):
        lab.finding(f"{number}.jpg", "labels", "Dog", 90 + number)

    outcome = runner.invoke(find, ["--label", "Dog", "--limit", "2"])

    assert [line.split()[0] for line in outcome.stdout.splitlines() if "s3://" in line] == [
        "s3://media/2.jpg",
        "s3://media/1.jpg",
    ]
    assert "more than 2" in outcome.stderr


def test_only_what_was_found_since_a_date(lab: Lab, runner: CliRunner) -> None:
    lab.finding("a.jpg", "labels", "Dog", 90)

    assert runner.invoke(find, ["--label", "Dog", "--since", "2026-11-20"]).exit_code == 0
    assert runner.invoke(find, ["--label", "Dog", "--since", "2026-11-21"]).exit_code == 1


def test_names_from_outside_cannot_move_the_cursor_or_style_the_table(lab: Lab, runner: CliRunner) -> None:
    lab.finding("[red]a\x1b[2J\n.jpg", "labels", "Dog", 90)

    outcome = runner.invoke(find, ["--label", "Dog"])

    assert "[red]a�[2J�.jpg" in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "say what to look for"),
        (["--label", "Dog", "--text", "Dog"], "one name at a time"),
        (["--label", "Dog", "--analysis", "text", "--name", "Dog"], "one name at a time"),
        (["--analysis", "text"], "go together"),
        (["--name", "Dog"], "go together"),
        (["--analysis", "smells", "--name", "Dog"], "smells"),
        (["--label", ""], "has no name"),
        (["--label", " "], "has no name"),
        (["--label", "Dog", "--min", "nan"], "0 to 100"),
        (["--label", "Dog", "--min", "101"], "101"),
        (["--label", "Dog", "--min", "-1"], "-1"),
        (["--label", "Dog", "--limit", "0"], "0"),
        (["--label", "Dog", "--since", "yesterday"], "'yesterday' is no date; write 2026-01-31 or 2026-01-31T09:30"),
        (["--label", "Dog", "--region", "eu-west-1"], "--region goes with --aws"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_what_makes_no_sense_is_refused(runner: CliRunner, arguments: list[str], reason: str) -> None:
    outcome = runner.invoke(find, arguments)

    assert outcome.exit_code == 2
    assert reason in outcome.stderr
