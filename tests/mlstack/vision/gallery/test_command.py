"""`mlstack vision gallery`, as a person runs it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from PIL import Image

from mlstack.vision.gallery import command
from mlstack.vision.gallery.command import gallery
from tests.mlstack.vision.gallery.test_tiles import analysed, photo
from tests.mlstack.vision.results_lab import Lab


def tiles(page: Path) -> list[dict[str, Any]]:
    """What the page holds."""
    [data] = re.findall(r'<script id="tiles" type="application/json">(.*?)</script>', page.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = json.loads(data)
    return found


def test_everything_is_shown_newest_first(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    lab.record("old.jpg", rank=1)
    lab.record("refused.jpg", status="refused", rank=2, reason="too large")
    lab.record("failed.jpg", status="failed", rank=3)
    lab.record("working.jpg", status="working", finding="none", rank=4)
    analysed(lab, "new.jpg")

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html")])

    assert outcome.exit_code == 0, outcome.output
    assert [one["key"] for one in tiles(tmp_path / "page.html")] == ["new.jpg", "failed.jpg", "refused.jpg", "old.jpg"]
    assert "4 objects, 3 without a picture" in outcome.stderr


def test_one_status_is_shown_up_to_the_limit(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    for number in range(3):
        lab.record(f"{number}.jpg", status="refused", rank=number)
    lab.record("other.jpg")

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html"), "--status", "refused", "--limit", "2"])

    assert [one["key"] for one in tiles(tmp_path / "page.html")] == ["2.jpg", "1.jpg"]
    assert "--limit 2" in outcome.stderr


def test_a_name_is_shown_the_most_certain_first(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    for key, confidence in (("low.jpg", 80), ("good.jpg", 95), ("best.jpg", 99)):
        lab.record(key)
        lab.finding(key, "labels", "Dog", confidence)
    lab.finding("without-a-record.jpg", "labels", "Dog", 99)

    runner.invoke(gallery, [str(tmp_path / "page.html"), "--label", "dog", "--min", "90"])

    assert [one["key"] for one in tiles(tmp_path / "page.html")] == ["best.jpg", "good.jpg"]
    assert "<title>dog in sandbox</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_stage_without_results_makes_an_empty_page(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    assert lab.account.is_local

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html"), "--title", "<Nothing>"])

    assert outcome.exit_code == 0
    assert tiles(tmp_path / "page.html") == []
    assert "<title>&lt;Nothing&gt;</title>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_name_that_nothing_has_makes_no_page(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    lab.record("a.jpg")

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html"), "--label", "Dogs"])

    assert outcome.exit_code == 1
    assert "nothing is known of Dogs (labels)" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_the_local_aws_says_whose_answers_it_shows(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    lab.record("a.jpg")

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html")])

    assert "with 1 object," in outcome.stderr
    assert "answers are AWS&#x27;s own examples" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_is_replaced_only_with_force(lab: Lab, runner: CliRunner, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("mine", encoding="utf-8")

    refused = runner.invoke(gallery, [str(target)])

    assert (refused.exit_code, target.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in refused.stderr
    assert lab.results.table
    assert runner.invoke(gallery, [str(target), "--force"]).exit_code == 0
    assert tiles(target) == []


def test_a_page_that_cannot_be_finished_leaves_nothing(
    lab: Lab, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetObject")

    analysed(lab)
    monkeypatch.setattr(command, "collect", fail)

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html")])

    assert isinstance(outcome.exception, ClientError)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "page.html"
    target.write_text("old", encoding="utf-8")

    def fail(path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)

    with pytest.raises(OSError, match="No space"):
        command.write(target, "new")

    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["page.pdf"], "must end in .html"),
        (["nowhere/page.html"], "there is no folder"),
        (["page.html", "--label", "Dog", "--status", "refused"], "--status goes without a name"),
        (["page.html", "--min", "90"], "--min goes with a name"),
        (["page.html", "--label", "Dog", "--person", "alice"], "one name at a time"),
        (["page.html", "--limit", "5001"], "5001"),
        (["page.html", "--status", "working"], "working"),
        (["page.html", "--region", "eu-west-1"], "--region goes with --aws"),
        ([], "PAGE.html"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_what_makes_no_sense_is_refused(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = runner.invoke(gallery, arguments)

    assert outcome.exit_code == 2
    assert reason in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_warning_about_a_large_picture_does_not_keep_it_from_the_page(
    lab: Lab, runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # Pillow warns up to twice as many
    version = lab.picture("a.jpg", photo(160, 80))
    lab.record("a.jpg", version)

    outcome = runner.invoke(gallery, [str(tmp_path / "page.html")])

    assert [one["picture"]["width"] for one in tiles(tmp_path / "page.html")] == [160]
    assert len(outcome.stderr.splitlines()) == 1
