"""Tags hold only what S3 takes, and never more than ten."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation_review import tags

TAGS = st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=10)


@given(st.text(max_size=600))
def test_any_text_becomes_a_value_that_s3_takes(text: str) -> None:
    value = tags.cleaned(text)

    assert len(value) <= 256
    assert re.fullmatch(r"[\w +\-=.:/@]*", value)
    assert tags.cleaned(value).rstrip() == value.rstrip()


@given(TAGS)
def test_marks_keep_every_other_tag_or_are_refused(before: dict[str, str]) -> None:
    try:
        after = tags.marked(before, moderation="Violence")
    except tags.FullError:
        assert len(before) == 10
        return

    assert after == before | {"mlstack:moderation": "Violence"}
    assert len(after) <= 10


def test_mark_that_is_there_already_is_replaced_even_among_ten() -> None:
    before = {f"tag{number}": "x" for number in range(9)} | {"mlstack:moderation": "Old"}

    assert tags.marked(before, moderation="New")["mlstack:moderation"] == "New"


def test_approved_object_loses_its_mark_and_says_so() -> None:
    assert tags.released({"a": "b", "mlstack:moderation": "Violence"}) == {
        "a": "b",
        "mlstack:moderation-review": "approved",
    }


@pytest.mark.parametrize(("value", "header"), [("a&b=c", "k=a%26b%3Dc"), ("a b", "k=a%20b"), ("ä", "k=%C3%A4")])
def test_header_hides_what_would_split_it(value: str, header: str) -> None:
    assert tags.header({"k": value}) == header
