"""The server as the worker asks it."""

import pytest

from tests.containers.worker.desk import Replies, Said
from worker import server
from worker.fate import Reply
from worker.server import Server, ServerError


@pytest.fixture
def asked(replies: Replies) -> Server:
    return Server(replies.port, 30)


@pytest.mark.parametrize("well", [True, False])
def test_server_is_well_as_it_says(asked: Server, replies: Replies, well: bool) -> None:  # noqa: FBT001
    replies.well = well

    assert asked.well() == well


def test_server_that_is_not_there_is_not_well() -> None:
    assert not Server(1, 1).well()


@pytest.mark.parametrize(
    ("after", "seconds"), [("7", 7), ("", None), ("-1", None), ("soon", None), ("1" * 6, None), ("\u0667", None)]
)
def test_time_to_come_again_is_a_number_or_nothing(
    asked: Server, replies: Replies, after: str, seconds: int | None
) -> None:
    latin = after.encode().decode("latin-1")  # as it arrives: a header has no other letters
    replies.next = [Said(status=503, body=b"no", headers={"Retry-After": latin})]

    assert asked.invoke(b"", "image/png") == Reply(status=503, body=b"no", retry_after_s=seconds)
    assert replies.heard[0].body == b""


def test_answer_without_end_is_none(asked: Server, replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST", 100)
    replies.next = [Said(body=b"x" * 100), Said(body=b"x" * 101)]

    assert len(asked.invoke(b"a", "image/png").body) == 100
    with pytest.raises(ServerError, match="too_much"):
        asked.invoke(b"a", "image/png")


def test_answer_that_breaks_off_is_none(asked: Server, replies: Replies) -> None:
    replies.next = [Said(body=b"half", headers={"Content-Length": "100"})]

    with pytest.raises(ServerError, match="IncompleteRead"):
        asked.invoke(b"a", "image/png")
