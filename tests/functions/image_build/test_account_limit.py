"""A start that is refused for the account's limit comes again, unless the limit is none at all."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from image_build.account_limit import NoBuildsError, has_no_room
from shared.custom_resource import LONGEST_REASON
from tests.functions.image_build.workshop import LIMIT

QUEUE = "Cannot have more than {} builds in queue for the account"


def refusal(code: str, message: str) -> ClientError:
    """AWS's answer to StartBuild."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "StartBuild")


@pytest.mark.parametrize(
    ("code", "message", "no_room"),
    [
        (LIMIT, QUEUE.format(1), True),
        (LIMIT, QUEUE.format(10), True),
        (LIMIT, "Cannot have more than 5 active builds for the account", True),
        (LIMIT, "the limit was exceeded", False),
        (LIMIT, "", False),
        ("ResourceNotFoundException", QUEUE.format(1), False),
        ("ResourceNotFoundException", QUEUE.format(0), False),
        ("AccessDeniedException", "you may not", False),
    ],
)
def test_there_is_no_room_where_the_account_has_its_most_builds(code: str, message: str, *, no_room: bool) -> None:
    assert has_no_room(refusal(code, message)) is no_room


@pytest.mark.parametrize("message", [QUEUE.format(0), "Cannot have more than 0 active builds for the account"])
def test_an_account_without_builds_is_told_whom_to_ask(message: str) -> None:
    with pytest.raises(NoBuildsError, match=r"Cannot have more than 0 .*ask AWS Support .*Linux/Small.*deploy again"):
        has_no_room(refusal(LIMIT, message))


def test_an_error_without_any_words_is_no_limit() -> None:
    assert has_no_room(ClientError({}, "StartBuild")) is False


@given(message=st.text(max_size=2000), most=st.integers(0, 1000))
def test_what_is_told_always_fits_and_a_limit_above_none_is_always_waited_for(message: str, most: int) -> None:
    error = refusal(LIMIT, f"{QUEUE.format(most)} {message}")

    if most:
        assert has_no_room(error)
    else:
        with pytest.raises(NoBuildsError) as told:
            has_no_room(error)
        assert len(str(told.value)) <= LONGEST_REASON
        assert str(told.value).endswith("then deploy again")
