"""What is said of a failed CDK command."""

import pytest

from mlstack.local.cdk import cause


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["fine", "❌  Alpha failed: Error: no such thing", "    at stack.js:1"], "Alpha failed: Error: no such thing"),
        (["Traceback (most recent call last):", '  File "x.py"', "ValueError: bad profile"], "ValueError: bad profile"),
        (["first", "second"], "second"),
        ([], "it said nothing"),
        (["❌ A failed: reason", "  '$fault': 'client',", "}"], "A failed: reason"),
    ],
)
def test_cause_is_the_last_complaint(lines: list[str], expected: str) -> None:
    assert cause(lines) == expected
