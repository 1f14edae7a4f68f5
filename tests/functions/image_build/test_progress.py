"""What is known of a request's builds goes from one invocation to the next unchanged, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_build.progress import Progress


@given(build=st.text(), failed=st.integers(min_value=0))
def test_progress_is_read_as_it_was_told(build: str, failed: int) -> None:
    progress = Progress(build, failed)

    assert Progress.read(json.loads(json.dumps(progress.told()))) == progress


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Build": "project:1"},
        {"Failed": 0},
        {"Build": None, "Failed": 0},
        {"Build": ["project:1"], "Failed": 0},
        {"Build": "project:1", "Failed": -1},
        {"Build": "project:1", "Failed": True},
        {"Build": "project:1", "Failed": "1"},
        {"Build": "project:1", "Failed": 1.0},
    ],
)
def test_anything_else_is_no_progress(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no progress"):
        Progress.read(told)
