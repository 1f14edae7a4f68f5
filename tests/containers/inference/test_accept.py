"""Answers are JSON; who rules that out is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import accept
from inference.refusal import RefusalError


@pytest.mark.parametrize(
    "wish",
    ["", " ", "*/*", "application/json", "application/*", "Application/JSON; q=0.5", "text/csv, */*;q=0.1",
     "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
)  # fmt: skip
def test_accept_lets_json_through(wish: str) -> None:
    accept.check(wish)


@pytest.mark.parametrize("wish", ["text/csv", "image/png", "application/json;q=0", "*/*; q=0.0", "json", ";", ","])
def test_accept_that_rules_json_out_is_refused(wish: str) -> None:
    with pytest.raises(RefusalError) as refused:
        accept.check(wish)

    assert refused.value.status == 406


@given(st.text())
def test_accept_of_any_text_is_taken_or_refused(wish: str) -> None:
    try:
        accept.check(wish)
    except RefusalError as refused:
        assert wish.strip()
        assert refused.code == "not_acceptable"  # noqa: PT017  # either end is right
