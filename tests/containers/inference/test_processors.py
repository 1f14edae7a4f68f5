"""A container's share of the processors counts, not the machine."""

from pathlib import Path

import pytest

from inference import processors


@pytest.mark.parametrize(
    ("cpu_max", "count"),
    [
        ("max 100000\n", None),
        ("200000 100000\n", 2),
        ("50000 100000\n", 1),
        ("150000 100000", 2),
        ("0 100000", 1),
        ("100000 0", None),
        ("", None),
        ("a b c", None),
    ],
)
def test_processors_follow_the_quota(cpu_max: str, count: int | None) -> None:
    assert processors.of_quota(cpu_max) == count


def test_processors_are_at_least_one_and_never_more_than_there_are(tmp_path: Path) -> None:
    for text in ("1 100000", "9900000 100000", "max 100000"):
        (tmp_path / "cpu.max").write_text(text, encoding="ascii")

        assert 1 <= processors.count(tmp_path / "cpu.max") <= processors.count(tmp_path / "missing")


def test_processors_are_counted_without_a_readable_quota(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_bytes(b"\xff\xfe")

    assert processors.count(tmp_path / "cpu.max") >= 1
    assert processors.count(tmp_path) >= 1
