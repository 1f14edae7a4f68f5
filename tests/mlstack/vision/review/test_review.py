"""`mlstack vision review`, as a person, a script and a hurried person use it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlstack.errors import UserError
from mlstack.vision.review.command import review
from tests.mlstack.vision.results_lab import DOCUMENTS, MEDIA
from tests.mlstack.vision.review.conftest import Desk

STUBBORN = "photos/[red]a\nb \N{CAT FACE}\x1b[2J.jpg"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(review, list(arguments))


def error(result: Result) -> str:
    """The one line that a person reads of what cannot be done."""
    assert isinstance(result.exception, UserError)
    assert "\n" not in str(result.exception)
    return str(result.exception)


def test_pending_reviews_are_listed_with_the_most_certain_first(desk: Desk) -> None:
    second, first = desk.flag("photos/b.jpg", rank=Decimal("80.1")), desk.flag("photos/a.jpg", rank=Decimal("99.9"))
    desk.flag("photos/c.jpg", status="rejected")

    result = run("list")

    rows = [line.split() for line in result.stdout.splitlines() if "s3://" in line]
    assert [(row[0], row[1]) for row in rows] == [
        (str(first), "s3://media/photos/a.jpg"),
        (str(second), "s3://media/photos/b.jpg"),
    ]


def test_no_review_is_a_line_and_no_table(desk: Desk) -> None:
    result = run("list", "--status", "expired")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "no review is expired" in result.stderr
    assert json.loads(run("list", "--json").stdout) == []
    assert desk.answers == []


def test_hostile_keys_move_no_cursor_and_open_no_markup(desk: Desk) -> None:
    desk.flag(STUBBORN)

    result = run("list")

    assert "[red]a\N{REPLACEMENT CHARACTER}b \N{CAT FACE}" in result.stdout
    assert "\x1b" not in result.stdout
    assert json.loads(run("list", "--json").stdout)[0]["key"] == STUBBORN


def test_failed_review_says_why(desk: Desk) -> None:
    desk.flag("photos/a.jpg", status="failed", reason="AccessDenied: not yours")

    assert "AccessDenied: not yours" in run("list", "--status", "failed").stdout


@pytest.mark.parametrize("name", ["number", "s3://media/photos/a.jpg", "photos/a.jpg", "a.jpg"])
@pytest.mark.parametrize("word", ["approved", "rejected"])
def test_decision_reaches_the_state_machine_with_who_made_it(desk: Desk, name: str, word: str) -> None:
    number = desk.flag("photos/a.jpg", quarantined="s3://held/x")
    desk.flag("photos/b.jpg")

    command = {"approved": "approve", "rejected": "reject"}[word]
    result = run(command, str(number) if name == "number" else name, "--note", "a statue ä")

    [(token, answer)] = desk.answers
    assert (result.exit_code, token) == (0, "token of photos/a.jpg")
    assert (answer["decision"], answer["note"]) == (word, "a statue ä")
    assert answer["by"].startswith("arn:aws:")
    assert answer["at"].endswith("+00:00")
    assert ("goes back" if word == "approved" else "stays in quarantine") in result.stderr


@pytest.mark.parametrize(("command", "effect"), [("approve", "loses its tag"), ("reject", "keeps its tag")])
def test_decision_about_a_tagged_object_says_that_only_the_tag_changes(desk: Desk, command: str, effect: str) -> None:
    desk.flag("photos/a.jpg")

    assert effect in run(command, "a.jpg").stderr


def test_ambiguous_name_decides_nothing_and_lists_the_candidates(desk: Desk) -> None:
    numbers = [desk.flag("photos/x/a.jpg"), desk.flag("photos/y/a.jpg")]

    said = error(run("approve", "a.jpg"))

    assert all(str(number) in said for number in numbers)
    assert desk.answers == []


def test_two_versions_of_one_object_are_told_apart_by_their_numbers(desk: Desk) -> None:
    first, second = desk.flag("photos/a.jpg", "1"), desk.flag("photos/a.jpg", "2", token="second")  # noqa: S106 (no password)

    said = error(run("approve", "photos/a.jpg"))
    run("approve", str(second))

    assert first != second
    assert str(first) in said
    assert [token for token, _ in desk.answers] == ["second"]


def test_whole_key_wins_over_the_end_of_another(desk: Desk) -> None:
    desk.flag("a.jpg")
    desk.flag("photos/a.jpg")

    run("reject", "a.jpg")

    assert [token for token, _ in desk.answers] == ["token of a.jpg"]


@pytest.mark.parametrize("name", ["nothing.jpg", "", "999999", "photos/", "/a.jpg"])
def test_name_that_means_nothing_is_an_error_with_the_next_step(desk: Desk, name: str) -> None:
    desk.flag("photos/a.jpg")

    assert "review list" in error(run("approve", name))


@pytest.mark.parametrize("status", ["approved", "rejected", "expired", "failed", "unasked"])
def test_only_a_pending_review_can_be_decided(desk: Desk, status: str) -> None:
    desk.flag("photos/a.jpg", status=status)

    error(run("approve", "photos/a.jpg"))

    assert desk.answers == []


def test_a_decision_is_final_and_told_with_its_time_and_its_maker(desk: Desk) -> None:
    made = {"decided_by": "arn:aws:iam::1:user/ann", "decided_at": "2026-11-21T09:30:00+00:00"}
    number = desk.flag("photos/a.jpg", status="rejected", **made)

    said = error(run("approve", str(number)))

    assert said == f"{number} was rejected at 2026-11-21 09:30:00 by arn:aws:iam::1:user/ann; a decision is final"


def test_a_newer_flag_of_the_same_object_can_be_decided(desk: Desk) -> None:
    desk.flag("photos/a.jpg", "1", status="rejected")
    desk.flag("photos/a.jpg", "2")

    assert run("approve", "photos/a.jpg").exit_code == 0
    assert len(desk.answers) == 1


def test_review_decided_since_the_index_told_of_it_is_not_decided_again(desk: Desk) -> None:
    number = desk.flag("photos/a.jpg")
    desk.flag("photos/a.jpg", status="approved", finding="review#pending", token="old")  # noqa: S106 (no password)

    assert f"review {number} waits for no decision any more: it is approved" in error(run("reject", "a.jpg"))


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_answer_that_comes_too_late_is_one_clear_line(desk: Desk, code: str) -> None:
    desk.flag("photos/a.jpg")
    desk.refusal = code

    said = error(run("approve", "a.jpg"))

    assert "cannot be decided" in said
    assert code not in said


def test_other_errors_of_aws_are_told_as_they_are(desk: Desk) -> None:
    desk.flag("photos/a.jpg")
    desk.refusal = "AccessDeniedException"

    result = run("approve", "a.jpg")

    assert "AccessDeniedException" in str(result.exception)


def test_note_that_would_be_cut_is_refused(desk: Desk) -> None:
    desk.flag("photos/a.jpg")

    assert run("approve", "a.jpg", "--note", "x" * 1001).exit_code == 2
    assert desk.answers == []


def test_show_tells_everything_but_the_token(desk: Desk) -> None:
    number = desk.flag("photos/a.jpg", status="rejected", decided_by="arn:aws:iam::1:user/ann", note="bad")

    result = run("show", str(number))

    assert "Violence 91.5" in result.stdout
    assert "decided by: arn:aws:iam::1:user/ann" in result.stdout
    assert "token" not in result.stdout
    assert "None" not in result.stdout
    assert json.loads(run("show", str(number), "--json").stdout)["note"] == "bad"


def test_show_saves_the_copy_in_quarantine(desk: Desk, tmp_path: Path) -> None:
    desk.lab.s3.put_object(Bucket=DOCUMENTS, Key="held/a.jpg", Body=b"held")
    number = desk.flag("photos/a.jpg", quarantined=f"s3://{DOCUMENTS}/held/a.jpg", version_id="1")

    run("show", str(number), "--save", str(tmp_path / "a.jpg"))

    assert (tmp_path / "a.jpg").read_bytes() == b"held"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_show_saves_the_very_version_that_was_flagged(desk: Desk, tmp_path: Path) -> None:
    desk.lab.s3.put_bucket_versioning(Bucket=MEDIA, VersioningConfiguration={"Status": "Enabled"})
    version = desk.lab.picture("photos/a.jpg", b"flagged")
    desk.lab.picture("photos/a.jpg", b"newer")
    desk.flag("photos/a.jpg", version, version_id=version)

    run("show", "a.jpg", "--save", str(tmp_path / "a.jpg"))

    assert (tmp_path / "a.jpg").read_bytes() == b"flagged"


def test_show_replaces_no_file_unless_told(desk: Desk, tmp_path: Path) -> None:
    desk.lab.picture("photos/a.jpg", b"flagged")
    desk.flag("photos/a.jpg")
    target = tmp_path / "a.jpg"
    target.write_bytes(b"mine")

    refused = run("show", "a.jpg", "--save", str(target))
    kept = target.read_bytes()
    run("show", "a.jpg", "--save", str(target), "--force")

    assert (refused.exit_code, kept, target.read_bytes()) == (2, b"mine", b"flagged")


def test_show_of_an_object_that_is_gone_leaves_no_file(desk: Desk, tmp_path: Path) -> None:
    desk.flag("photos/a.jpg")

    said = error(run("show", "a.jpg", "--save", str(tmp_path / "a.jpg")))

    assert "not there any more" in said
    assert list(tmp_path.iterdir()) == []


def test_limit_says_that_there_is_more(desk: Desk) -> None:
    for number in range(3):
        desk.flag(f"photos/{number}.jpg")

    result = run("list", "--limit", "2", "--json")

    assert len(json.loads(result.stdout)) == 2
    assert "more than 2" in result.stderr


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["approve"], ["reject"]])
def test_every_command_has_an_example(command: list[str]) -> None:
    assert "Example: mlstack vision review" in run(*command, "--help").stdout
