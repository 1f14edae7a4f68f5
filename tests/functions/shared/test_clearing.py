"""Looking goes on until nothing is left, and ends in time with the names of what is."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.clearing import SURE, OutOfTimeError, StillThereError, clear
from shared.custom_resource import LONGEST_REASON
from tests.functions.cloudformation import Time

LONG = timedelta(minutes=10)
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, "ListJobs")
AGAIN = "not all jobs could be looked at in time: destroy the stack again in some minutes, which goes on with the rest"
Seen = Sequence[str] | Exception


class Looks:
    """Sees one thing after the other, and the last one for ever."""

    def __init__(self, *seen: Seen) -> None:
        self.seen = list(seen)
        self.count = 0

    def __call__(self) -> Sequence[str]:
        self.count += 1
        now = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        if isinstance(now, Exception):
            raise now
        return now


@pytest.mark.parametrize(
    ("enough", "seen", "count"),
    [
        (1, [[]], 1),
        (2, [[]], 2),
        (1, [["a"], []], 2),
        (2, [["a"], [], ["late"], [], []], 5),
        (2, [[], THROTTLED, [], []], 4),
        (1, [OutOfTimeError(), []], 2),
        (1, [THROTTLED, THROTTLED, []], 3),
    ],
)
def test_nothing_is_left_when_enough_looks_in_a_row_say_so(
    time: Time, enough: int, seen: list[Seen], count: int
) -> None:
    looks = Looks(*seen)

    clear(looks, "jobs", until=time.now() + LONG, enough=enough)

    assert looks.count == count


def test_what_costs_money_is_looked_for_twice() -> None:
    assert SURE == 2


@pytest.mark.parametrize(
    ("seen", "ending"),
    [
        (["job a"], "Left: job a"),
        (["job a", "job b", "job c", "job d", "job e"], "Left: job a, job b, job c and 2 more"),
        (THROTTLED, AGAIN),
        (OutOfTimeError(), AGAIN),
    ],
)
def test_what_is_left_at_the_end_is_named_with_the_way_on(time: Time, seen: Seen, ending: str) -> None:
    until = time.now() + timedelta(seconds=60)

    with pytest.raises(StillThereError, match="destroy the stack again") as told:
        clear(Looks(seen), "jobs", until=until)

    assert str(told.value).endswith(ending)
    assert until <= time.now() < until + timedelta(seconds=8)


def test_a_refusal_that_does_not_pass_is_raised_at_once(time: Time) -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListJobs")

    with pytest.raises(ClientError, match="AccessDenied"):
        clear(Looks(["a"], refused), "jobs", until=time.now() + LONG)


@given(names=st.lists(st.text("abcdefgh-", min_size=63, max_size=63), min_size=1, max_size=500))
def test_the_longest_reason_fits(names: list[str]) -> None:
    time = Time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", time.now)

        with pytest.raises(StillThereError) as told:
            clear(
                Looks([f"endpoint {name} (SystemUpdating)" for name in names]),
                "endpoints",
                until=time.now(),
            )

    assert len(str(told.value)) <= LONGEST_REASON
