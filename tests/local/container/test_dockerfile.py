"""A Dockerfile is read as Docker reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.container.dockerfile import DockerfileError, Instruction, filled, instructions, pairs, words

TEXT = """
# syntax=docker/dockerfile:1
FROM python:3.13-slim AS base

RUN one \\
    # in between
    && two
COPY <<EOF /settings.ini
FROM nowhere
EOF
env A=1 B="two words"
"""


def test_instructions_are_found_with_their_lines() -> None:
    found = instructions(TEXT)

    assert [(one.line, one.name, one.text) for one in found] == [
        (3, "FROM", "python:3.13-slim AS base"),
        (5, "RUN", "one && two"),
        (8, "COPY", "<<EOF /settings.ini"),
        (11, "ENV", 'A=1 B="two words"'),
    ]


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert all(one.name for one in instructions(text))


def test_variables_are_set_in_either_way() -> None:
    assert pairs(Instruction(1, "ENV", 'A=1 B="two words"')) == {"A": "1", "B": "two words"}
    assert pairs(Instruction(1, "ENV", "A one two")) == {"A": "one two"}
    assert pairs(Instruction(1, "ARG", "A")) == {"A": ""}


def test_an_unfinished_quote_is_refused() -> None:
    with pytest.raises(DockerfileError, match="line 4: COPY"):
        words(Instruction(4, "COPY", '"a b'))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A/${A}", "a/a"),
        ("${B:-other}", "other"),
        ("${A:-other}", "a"),
        ("${A:+set}${B:+set}", "set"),
        ("$B", ""),
        ("100$", "100$"),
    ],
)
def test_variables_stand_for_their_values(text: str, expected: str) -> None:
    assert filled(text, {"A": "a"}) == expected


@given(st.text(alphabet="${}:-+AB "))
def test_filling_ends_with_every_text(text: str) -> None:
    assert isinstance(filled(text, {"A": "a"}), str)
