"""Which messages are requests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.containers.worker.worker_lab import BUCKET, REQUESTS, body, event
from worker import request
from worker.place import Place
from worker.request import Flaw, NotARequestError, Request

PLACE = Place(BUCKET, REQUESTS)
PREFIX = len("classifier/failures/")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS: tuple[tuple[str, ...], ...] = (
    ("detail-type",),
    ("detail",),
    ("detail", "bucket"),
    ("detail", "bucket", "name"),
    ("detail", "object"),
    ("detail", "object", "key"),
    ("detail", "object", "size"),
    ("detail", "object", "version-id"),
)


def read(text: str) -> Request:
    return request.read(text, PLACE, longest_prefix=PREFIX)


def flaw(text: str) -> Flaw:
    with pytest.raises(NotARequestError) as refused:
        read(text)
    return refused.value.flaw


@given(name=st.text(min_size=1, max_size=60).filter(lambda name: not name.endswith("/")))
def test_object_under_the_prefix_is_a_request_whatever_its_name(name: str) -> None:
    found = read(body(f"{REQUESTS}{name}", **{"version-id": "abc"}))

    assert found == Request(place=Place(BUCKET, f"{REQUESTS}{name}"), name=name, version_id="abc")
    assert not found.folder


@pytest.mark.parametrize("version", [None, "", "null"])
def test_object_of_a_bucket_without_versions_has_none(version: str | None) -> None:
    assert read(body(f"{REQUESTS}a", **{"version-id": version})).version_id is None


@pytest.mark.parametrize("name", ["", "folder/"])
def test_sign_for_a_folder_is_no_picture(name: str) -> None:
    assert read(body(f"{REQUESTS}{name}", size=0)).folder
    assert not read(body(f"{REQUESTS}{name}", size=3)).folder


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"bucket": "other"}, Flaw.PLACE),
        ({"key": "classifier/answers/a.json"}, Flaw.PLACE),
        ({"key": "classifier/requests"}, Flaw.PLACE),
        ({"key": f"other/{REQUESTS}a"}, Flaw.PLACE),
        ({"key": f"{REQUESTS}{'a' * (1024 - len(REQUESTS))}"}, Flaw.KEY),
        ({"key": f"{REQUESTS}{'ü' * 501}"}, Flaw.KEY),
        ({"key": f"{REQUESTS}\ud800"}, Flaw.EVENT),
        ({"key": 5}, Flaw.EVENT),
        ({"bucket": None}, Flaw.EVENT),
        ({"version-id": 7}, Flaw.EVENT),
        ({"version-id": "a\r\nb"}, Flaw.EVENT),
    ],
)
def test_message_about_something_else_is_no_request(told: dict[str, Any], wrong: Flaw) -> None:
    told = {"key": f"{REQUESTS}a", **told}

    assert flaw(body(**told)) == wrong


def test_longest_key_that_an_answer_can_be_named_after_is_a_request() -> None:
    longest = "a" * (1024 - len(".json") - PREFIX)

    assert read(body(f"{REQUESTS}{longest}")).name == longest
    assert flaw(body(f"{REQUESTS}{longest}a")) == Flaw.KEY


def test_another_event_of_the_same_object_is_no_request() -> None:
    assert flaw(json.dumps({**event(f"{REQUESTS}a"), "detail-type": "Object Deleted"})) == Flaw.KIND


@pytest.mark.parametrize("text", ["", "hello", "[]", "null", "1", "{}", "[" * 100_000, '{"Records": []}'])
def test_text_that_is_no_event_is_no_request(text: str) -> None:
    assert flaw(text) == Flaw.EVENT


@given(path=st.sampled_from(PATHS), value=ANYTHING)
def test_event_with_anything_in_the_place_of_a_part_is_read_or_refused_and_never_leads_elsewhere(
    path: tuple[str, ...], value: object
) -> None:
    told = event(f"{REQUESTS}a")
    inner: Any = told
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value

    try:
        found = read(json.dumps(told))
    except NotARequestError:
        return
    assert found.place.within(PLACE)
    assert found.place.key == f"{REQUESTS}{found.name}"


@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(NotARequestError):
        read(text)
