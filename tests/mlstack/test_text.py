"""Names from elsewhere cannot move a cursor or break a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.text import counted, printable


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_is_printable_and_can_be_encoded(anything: str) -> None:
    shown = printable(anything)

    assert all(letter.isprintable() for letter in shown)
    assert len(shown) == len(anything)
    assert len(shown.encode()) >= len(shown)


def test_ordinary_names_stay_as_they_are() -> None:
    assert printable("café 日本語 🐈 [x] 100%+.jpg") == "café 日本語 🐈 [x] 100%+.jpg"


@pytest.mark.parametrize(("number", "said"), [(0, "0 photos"), (1, "1 photo"), (1200, "1,200 photos")])
def test_a_number_agrees_with_its_noun(number: int, said: str) -> None:
    assert counted(number, "photo") == said
    assert counted(1, "upload is", "uploads are") == "1 upload is"
    assert counted(2, "upload is", "uploads are") == "2 uploads are"
