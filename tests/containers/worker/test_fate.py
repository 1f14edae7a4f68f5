"""What becomes of a message, by the server's reply alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import fate
from worker.fate import LATEST_S, LONGEST_REASON, OWN_FAULT, SOONEST_S, Again, Answered, Refused, Reply

STATUSES = st.integers(100, 599)
AFTER = st.none() | st.integers(0, 99_999)


@given(status=STATUSES, body=st.binary(max_size=60), after=AFTER, receives=st.integers(-5, 10_000))
def test_only_json_is_an_answer_only_a_request_s_own_fault_is_told_and_all_else_comes_again(
    status: int, body: bytes, after: int | None, receives: int
) -> None:
    decided = fate.of(Reply(status=status, body=body, retry_after_s=after), receives)

    match decided:
        case Answered(document):
            assert status == 200
            json.loads(document)
        case Refused(told, error):
            assert told == status
            assert status in OWN_FAULT
            assert set(error) <= {"code", "reason"}
        case Again(seconds):
            assert status not in OWN_FAULT
            assert SOONEST_S <= seconds <= LATEST_S


@given(receives=st.integers(1, 50))
def test_message_waits_longer_each_time(receives: int) -> None:
    assert fate.later(receives) <= fate.later(receives + 1)
    assert fate.later(1) == SOONEST_S


@pytest.mark.parametrize(("asked", "seconds"), [(None, 10), (3, 10), (45, 45), (99_999, LATEST_S)])
def test_server_that_is_full_is_given_the_time_that_it_asks_for(asked: int | None, seconds: int) -> None:
    assert fate.of(Reply(status=503, body=b"", retry_after_s=asked), 1) == Again(seconds, "status_503")


@pytest.mark.parametrize("status", [200, 400, 422])
def test_answer_is_the_server_s_own_bytes(status: int) -> None:
    body = b' {"a":  1.50}\n'

    decided = fate.of(Reply(status=status, body=body), 1)

    assert (decided == Answered(body)) == (status == 200)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 406, 408, 409, 429, 500, 502, 504, 204, 302])
def test_server_s_fault_or_that_of_the_way_to_it_leaves_the_message(status: int) -> None:
    assert fate.of(Reply(status=status, body=b'{"error": {}}'), 2) == Again(2 * SOONEST_S, f"status_{status}")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_answer_that_is_no_json_is_the_server_s_fault(body: bytes) -> None:
    assert fate.of(Reply(status=200, body=body), 1) == Again(SOONEST_S, "no_json")


def test_refusal_has_the_server_s_code_and_reason_and_nothing_else() -> None:
    told = {"error": {"code": "not_a_picture", "reason": "r" * 5000, "stack": "secret"}, "more": 1}

    decided = fate.of(Reply(status=415, body=json.dumps(told).encode()), 1)

    assert decided == Refused(415, {"code": "not_a_picture", "reason": "r" * LONGEST_REASON})


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b'{"error": "text"}', b'{"error": {"code": 5}}', b"null"])
def test_refusal_without_a_reason_says_so(body: bytes) -> None:
    assert fate.of(Reply(status=400, body=body), 1) == Refused(
        400, {"code": "refused", "reason": "the server gave no reason"}
    )
