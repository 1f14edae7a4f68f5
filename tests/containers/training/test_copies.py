"""Which checkpoints are copied, dropped and brought back."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import checkpoints, copies
from training.copies import Due
from training.place import Found

NAMES = [f"checkpoint-{number}" for number in (4, 8, 12, 100)]
MARKED = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["one", "two"]))


def found(size: int = 1) -> Found:
    return Found("key", size, '"etag"')


@given(whole=MARKED, partial=st.sets(st.sampled_from(NAMES)), sent=MARKED, more=st.sets(st.sampled_from(NAMES)))
def test_nothing_is_dropped_that_is_here_or_newer_or_before_all_is_sent(
    whole: dict[str, str], partial: set[str], sent: dict[str, str], more: set[str]
) -> None:
    lying, there = {*whole, *partial}, {*sent, *more}

    due = copies.due(whole, lying, sent, there)

    assert set(due.send) == {name for name, mark in whole.items() if sent.get(name) != mark}
    assert [*due.send] == sorted(due.send, key=checkpoints.steps)
    newest = max(map(checkpoints.steps, whole), default=0)
    for name in due.drop:
        assert not due.send
        assert name in there - lying
        assert checkpoints.steps(name) < newest


@given(
    best=st.lists(st.booleans(), min_size=1, max_size=12),
    looks=st.lists(st.integers(0, 6), min_size=12, max_size=12),
)
def test_whenever_a_task_dies_s3_has_the_newest_copy_and_the_best_one_that_it_knows_of(
    best: list[bool], looks: list[int]
) -> None:
    """A training keeps its best and its newest; after each of its checkpoints the courier comes so many steps far."""
    best_of: dict[str, str] = {}
    here: set[str] = set()
    whole, begun = set[str](), set[str]()
    leading = ""
    for number, (better, steps) in enumerate(zip(best, looks, strict=False), start=1):
        name = f"checkpoint-{number}"
        leading = name if better or not leading else leading
        best_of[name] = leading
        here = {name, leading}
        done = 0
        while done < steps:
            due = copies.due(dict.fromkeys(here, ""), here, dict.fromkeys(whole, ""), begun)
            if due.send:
                begun.add(due.send[0])
                whole.add(due.send[0])
            elif due.drop:
                whole.discard(due.drop[0])
                begun.discard(due.drop[0])
            else:
                break
            done += 1

            newest = max(whole, key=checkpoints.steps)
            assert best_of[newest] in whole


def test_copy_is_whole_with_all_files_of_its_list_in_their_sizes() -> None:
    listed = json.dumps({"files": {"a": 1, "b/c": 2}}).encode()

    assert copies.is_whole({"a": found(1), "b/c": found(2), "more": found(3)}, listed)
    assert not copies.is_whole({"a": found(1)}, listed)
    assert not copies.is_whole({"a": found(1), "b/c": found(3)}, listed)


@pytest.mark.parametrize(
    "listed", [b"", b"{", b"[]", b"{}", b'{"files": {}}', b'{"files": []}', b'{"files": 5}', b"[" * 99_999, b"\xff"]
)
def test_copy_whose_list_is_damaged_is_not_whole(listed: bytes) -> None:
    assert not copies.is_whole({"a": found()}, listed)


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (b'{"best_model_checkpoint": "checkpoints/run/checkpoint-8"}', "checkpoint-8"),
        (b'{"best_model_checkpoint": "/opt/ml/checkpoints/run/checkpoint-8"}', "checkpoint-8"),
        (b'{"best_model_checkpoint": null}', None),
        (b'{"best_model_checkpoint": "../.."}', None),
        (b"{}", None),
        (b"[]", None),
        (b"", None),
    ],
)
def test_best_checkpoint_is_the_one_that_the_newest_names(state: bytes, name: str | None) -> None:
    assert copies.best(state) == name


def test_objects_are_grouped_by_checkpoint_the_newest_first() -> None:
    files = {
        PurePosixPath(path): found()
        for path in (
            "checkpoint-8/a",
            "checkpoint-12/a",
            "checkpoint-12/b/c",
            "checkpoint-0/a",
            "other/a",
            "checkpoint-4",
        )
    }

    grouped = copies.grouped(files)

    assert [*grouped] == ["checkpoint-12", "checkpoint-8"]
    assert set(grouped["checkpoint-12"]) == {"a", "b/c"}


def test_nothing_is_due_where_nothing_is() -> None:
    assert copies.due({}, (), {}, ()) == Due((), ())
