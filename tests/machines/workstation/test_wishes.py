"""Until when somebody wants the machine awake: the file, the instance's tag, and what is no date."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.machines.workstation.conftest import TOKEN, Web
from tests.machines.workstation.workstation import Workstation
from workstation_agent import keep_awake
from workstation_agent.look import look

DATE = datetime(2026, 11, 22, 18, tzinfo=UTC).timestamp()


def filed(workstation: Workstation) -> float:
    """As the command's file says."""
    return keep_awake.filed(workstation.root)


@pytest.mark.parametrize("text", ["1795370400\n", "1795370400  \n", "1795370400.0", " 1.7953704e9 "])
def test_file_has_a_date(workstation: Workstation, text: str) -> None:
    workstation.write("run/mlstack/keep-awake", text)

    assert filed(workstation) == DATE


def test_no_file_is_no_wish(workstation: Workstation) -> None:
    assert filed(workstation) == 0


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-inf", "1e999", "17 18", "\0", "é", "9" * 2_000_000])
def test_file_without_a_date_is_an_error_and_hides_nothing_else(workstation: Workstation, text: str) -> None:
    workstation.write("run/mlstack/keep-awake", text)

    seen = look(workstation.told())

    assert seen.kept_until is None
    assert seen.tagged_until == 0
    assert [error.partition(":")[0] for error in seen.errors] == ["keep-awake"]


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_plain_file_is_not_opened(workstation: Workstation, kind: str, tmp_path: Path) -> None:
    place = workstation.root / "run/mlstack/keep-awake"
    place.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    else:
        (tmp_path / "other").write_text("1795370400")
        place.symlink_to(tmp_path / "other")

    assert look(workstation.told()).kept_until is None


@pytest.mark.parametrize(
    "text", ["2026-11-22T18:00:00Z", "2026-11-22T18:00:00+00:00", "2026-11-22T19:00:00+01:00", "2026-11-22T18:00:00"]
)
def test_tag_has_a_date(workstation: Workstation, metadata: Web, text: str) -> None:
    metadata.tagged(text)

    assert keep_awake.tagged(workstation.metadata) == DATE


@pytest.mark.parametrize("text", ["", "for ever", "2026", "1795370400", "0001-01-01T00:00:00+23:59"])
def test_tag_without_a_date_is_no_wish(workstation: Workstation, metadata: Web, text: str) -> None:
    metadata.tagged(text)

    assert keep_awake.tagged(workstation.metadata) <= 0


def test_tag_is_asked_for_with_a_token_of_the_second_version(workstation: Workstation, metadata: Web) -> None:
    keep_awake.tagged(workstation.metadata)

    [(method, path, headers), (_, tag, asked)] = metadata.asked
    assert (method, path) == ("PUT", "/latest/api/token")
    assert int(headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0
    assert tag == "/latest/meta-data/tags/instance/mlstack:keep-awake"
    assert asked["x-aws-ec2-metadata-token"] == TOKEN


def test_proxy_of_a_person_is_not_asked_for_the_tag(
    workstation: Workstation, metadata: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    metadata.tagged("2026-11-22T18:00:00Z")

    assert keep_awake.tagged(workstation.metadata) == DATE


@pytest.mark.parametrize("status", [401, 403, 500])
def test_metadata_that_does_not_answer_is_an_error_and_no_end_of_a_wish(
    workstation: Workstation, metadata: Web, status: int
) -> None:
    metadata.answers["/latest/api/token"] = (status, "")

    seen = look(workstation.told())

    assert seen.tagged_until is None
    assert [error.partition(":")[0] for error in seen.errors] == ["tag"]


FAR = DATE + 9e8


def test_tag_far_ahead_is_not_seen_for_the_first_time_again_after_a_boot(tmp_path: Path) -> None:
    first = keep_awake.bounded(FAR, tmp_path, DATE, 3600.0)

    booted = keep_awake.bounded(FAR, tmp_path, DATE + 86_400, 3600.0)

    assert first == booted == DATE + 3600


def test_another_date_in_the_tag_is_a_new_wish(tmp_path: Path) -> None:
    keep_awake.bounded(FAR, tmp_path, DATE, 3600.0)

    assert keep_awake.bounded(FAR + 1, tmp_path, DATE + 86_400, 3600.0) == DATE + 90_000


def test_tag_within_bounds_is_taken_as_it_is_and_none_leaves_no_trace(tmp_path: Path) -> None:
    none = keep_awake.bounded(0.0, tmp_path, DATE, 3600.0)
    left = list(tmp_path.iterdir())

    assert (none, left) == (0.0, [])
    assert keep_awake.bounded(DATE + 60, tmp_path, DATE, 3600.0) == DATE + 60


@pytest.mark.parametrize("text", ["", "1", "x y", "1 2 3", "nan nan", f"{FAR} nan"])
def test_first_sight_that_was_torn_is_now(tmp_path: Path, text: str) -> None:
    keep_awake.bounded(FAR, tmp_path, DATE, 3600.0)
    (tmp_path / "var/lib/mlstack/keep-awake-tag").write_text(text)

    assert keep_awake.bounded(FAR, tmp_path, DATE + 60, 3600.0) == DATE + 3660


def test_disk_that_cannot_be_written_leaves_a_bounded_wish(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder")

    assert keep_awake.bounded(FAR, tmp_path, DATE, 3600.0) == DATE + 3600
