"""What AWS refuses is said in one line with the next step, whatever it says and whoever it says it to."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.account import Account
from mlstack.ecs.trouble import ABSENT, DENIED, EXPIRED, THROTTLED, next_step
from mlstack.target import Target
from tests.mlstack.wire import client

TARGET = Target(Account(shown="account 1", is_local=False, client=client), "sandbox")
KNOWN = sorted(ABSENT | DENIED | EXPIRED | THROTTLED)


def said(code: str, message: str = "no\n\x1bway") -> str:
    """What a person reads."""
    return next_step(ClientError({"Error": {"Code": code, "Message": message}}, "ListTasks"), TARGET)


@given(st.sampled_from(KNOWN), st.text())
def test_what_is_known_is_one_line_that_cannot_move_a_cursor(code: str, message: str) -> None:
    found = said(code, message)

    assert found
    assert found.isprintable()


@pytest.mark.parametrize(
    ("codes", "step"),
    [
        (ABSENT, "deploy the stage again"),
        (DENIED, "ask for that permission"),
        (EXPIRED, "run `aws sso login`"),
        (THROTTLED, "run the same command again in a minute"),
    ],
)
def test_each_kind_has_its_next_step(codes: frozenset[str], step: str) -> None:
    assert all(step in said(code) for code in codes)


@pytest.mark.parametrize("response", [{}, {"Error": {}}, {"Error": {"Code": "Strange"}}])
def test_what_is_not_known_is_left_to_whoever_knows(response: dict[str, dict[str, str]]) -> None:
    assert not next_step(ClientError(response, "ListTasks"), TARGET)  # type: ignore[arg-type]
