"""codespell sees what a person wrote."""

from collections.abc import Callable
from pathlib import Path

from checks import spelling

WRONG = "It recieves photos.\n"  # codespell:ignore recieves


def test_spelling_is_checked_where_a_person_writes(working_tree: Callable[[dict[str, str]], Path]) -> None:
    root = working_tree({"README.md": f"Fine.\n{WRONG}", ".ci/run": f"# {WRONG}", "uv.lock": WRONG, "a.ambr": WRONG})

    report = spelling.check(root)

    assert sorted(str(finding) for finding in report.findings) == [
        ".ci/run:1: recieves ==> receives",  # codespell:ignore recieves
        "README.md:2: recieves ==> receives",  # codespell:ignore recieves
    ]
    assert report.scope == "2 files"


def test_spelling_passes_in_both_englishes(working_tree: Callable[[dict[str, str]], Path]) -> None:
    assert spelling.check(working_tree({"README.md": "The colour of behavior.\n"})).findings == ()


def test_spelling_shows_that_there_was_nothing(working_tree: Callable[[dict[str, str]], Path]) -> None:
    assert spelling.check(working_tree({})).scope == "0 files"
