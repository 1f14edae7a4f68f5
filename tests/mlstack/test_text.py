"""Names from elsewhere cannot move a cursor or break a line."""

from hypothesis import given
from hypothesis import strategies as st

from mlstack.text import printable


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_is_printable_and_can_be_encoded(anything: str) -> None:
    shown = printable(anything)

    assert all(letter.isprintable() for letter in shown)
    assert len(shown) == len(anything)
    assert len(shown.encode()) >= len(shown)


def test_ordinary_names_stay_as_they_are() -> None:
    assert printable("café 日本語 🐈 [x] 100%+.jpg") == "café 日本語 🐈 [x] 100%+.jpg"
