"""What AWS refuses for one of several things holds up no other, and is told for all of them."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from shared.custom_resource import UnfulfilledError
from shared.fault import code_of
from shared.refusal import to_each


def refusing(codes: dict[str, str], done: list[str]) -> Callable[[str], None]:
    """Does something to each, unless that is refused."""

    def act(name: str) -> None:
        if name in codes:
            raise ClientError({"Error": {"Code": codes[name], "Message": "you may not"}}, "StopTask")
        done.append(name)

    return act


def goes(error: ClientError) -> bool:
    return code_of(error) == "Gone"


def test_everything_is_acted_on_in_its_order() -> None:
    done: list[str] = []

    to_each("abc", refusing({}, done), "stop it", goes=goes)

    assert done == ["a", "b", "c"]


def test_what_is_refused_is_told_by_name_after_the_others_are_done() -> None:
    done: list[str] = []
    codes = dict.fromkeys("acef", "AccessDenied")

    with pytest.raises(UnfulfilledError) as raised:
        to_each("abcdef", refusing(codes, done), "stop it", goes=goes)

    assert done == ["b", "d"]
    assert str(raised.value) == (
        "StopTask was refused (AccessDenied) for a, c, e and 1 more: allow it, or stop it by hand, and destroy the "
        "stack again"
    )


def test_what_goes_by_itself_is_no_refusal() -> None:
    done: list[str] = []

    to_each("ab", refusing({"a": "Gone"}, done), "stop it", goes=goes)

    assert done == ["b"]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_what_passes_is_raised_at_once_for_the_next_look(code: str) -> None:
    done: list[str] = []

    with pytest.raises(ClientError, match=code):
        to_each("abc", refusing({"b": code, "a": "AccessDenied"}, done), "stop it", goes=goes)

    assert done == []
