"""A shift at the queue, from its beginning to SIGTERM."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.containers.worker.desk import Desk, Replies, Said
from tests.containers.worker.worker_lab import ANSWERS, REQUESTS, body, until
from tests.functions.shared.cloud import Fault, raising, refusing
from worker import shift, visibility
from worker.shift import QueueError


def until_set(free: Event) -> Callable[[], None]:
    def hold() -> None:
        free.wait()

    return hold


@contextmanager
def working(desk: Desk, **told: str) -> Iterator[Future[int]]:
    """A shift in a thread, which is told to stop at the end."""
    made = desk.shift(**told)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(made.work)
        try:
            yield running
        finally:
            desk.stop.set()


def test_all_messages_are_answered_and_deleted(desk: Desk) -> None:
    receipts = set()
    for number in range(25):
        desk.put(f"{number}")
        receipts.add(desk.send(body(f"{REQUESTS}{number}")))

    with working(desk, CONCURRENCY="3") as running:
        until(lambda: len(desk.deleted) == 25)
        desk.stop.set()

        assert running.result() == 0
    assert set(desk.deleted) == receipts
    assert sum(key.startswith(ANSWERS) for key in desk.objects) == 25


def test_no_more_is_received_than_there_are_hands(desk: Desk, replies: Replies) -> None:
    free, most, lock, inside = Event(), 0, threading.Lock(), 0

    def hold() -> None:
        nonlocal most, inside
        with lock:
            inside += 1
            most = max(most, inside)
        free.wait()
        with lock:
            inside -= 1

    replies.always = Said(hold=hold)
    for number in range(9):
        desk.put(f"{number}")
        desk.send(body(f"{REQUESTS}{number}"))

    with working(desk, CONCURRENCY="3"):
        until(lambda: inside == 3)
        left = len(desk.waiting)
        free.set()
        until(lambda: len(desk.deleted) == 9)

    assert left == 6
    assert most == 3
    asked = [call.parameters for call in desk.cloud.calls if call.operation == "ReceiveMessage"]
    assert {one["MaxNumberOfMessages"] for one in asked} <= {1, 2, 3}


def test_message_that_fails_is_hidden_for_a_while_and_not_deleted(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    replies.always = Said(status=500)
    receipt = desk.send(body(f"{REQUESTS}a"), receives=3)

    with working(desk):
        until(lambda: receipt in desk.cloud.hidden)

    assert desk.cloud.hidden[receipt] == 40
    assert desk.deleted == []


def test_stopped_worker_finishes_what_is_in_hand_and_takes_nothing_more(desk: Desk, replies: Replies) -> None:
    free = Event()
    replies.always = Said(hold=until_set(free))
    for number in range(3):
        desk.put(f"{number}")
        desk.send(body(f"{REQUESTS}{number}"))

    with working(desk, CONCURRENCY="2") as running:
        until(lambda: len(replies.heard) == 2)
        desk.stop.set()
        free.set()

        assert running.result() == 0
    assert len(desk.deleted) == 2
    assert len(desk.waiting) == 1


def test_stopped_worker_gives_back_at_once_what_it_cannot_finish(desk: Desk, replies: Replies) -> None:
    free = Event()
    replies.always = Said(hold=until_set(free))
    desk.put("a")
    receipt = desk.send(body(f"{REQUESTS}a"))

    with working(desk, DRAIN_SECONDS="0") as running:
        until(lambda: len(replies.heard) == 1)
        desk.stop.set()
        left = running.result()
        given = dict(desk.cloud.hidden)
        free.set()

    assert left == 1
    assert given == {receipt: 0}
    assert desk.deleted == []


def test_message_that_arrives_with_sigterm_is_given_back_at_once(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    receipt = desk.send(body(f"{REQUESTS}a"))
    original = desk.answer

    def late(client: object, operation: str, asked: object) -> object:
        found = original(client, operation, asked)  # type: ignore[arg-type]  # as it came
        if operation == "ReceiveMessage":
            desk.stop.set()
        return found

    desk.cloud.original = late

    with working(desk) as running:
        assert running.result() == 0
    assert desk.cloud.hidden == {receipt: 0}
    assert replies.heard == []


def test_message_that_fails_while_the_worker_ends_is_free_at_once(desk: Desk, replies: Replies) -> None:
    free = Event()
    replies.always = Said(status=500, hold=until_set(free))
    desk.put("a")
    receipt = desk.send(body(f"{REQUESTS}a"))

    with working(desk) as running:
        until(lambda: len(replies.heard) == 1)
        desk.stop.set()
        free.set()

        assert running.result() == 0
    assert desk.cloud.hidden == {receipt: 0}


def test_nothing_is_received_while_the_server_is_not_well(
    desk: Desk, replies: Replies, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shift, "LOOK_S", 0.01)
    replies.well = False
    desk.put("a")
    desk.send(body(f"{REQUESTS}a"))

    with working(desk):
        until(lambda: replies.pings > 3)
        calls = [call.operation for call in desk.cloud.calls]
        replies.well = True
        until(lambda: len(desk.deleted) == 1)

    assert calls == []
    out = capsys.readouterr().out
    assert out.count('"server_unwell"') == out.count('"server_well"') == 1


def test_long_request_stays_hidden(desk: Desk, replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift, "EVERY_S", 0.01)
    free = Event()
    replies.always = Said(hold=until_set(free))
    desk.put("a")
    receipt = desk.send(body(f"{REQUESTS}a"))

    with working(desk):
        until(lambda: receipt in desk.cloud.hidden)
        free.set()
        until(lambda: desk.deleted == [receipt])

    assert desk.cloud.hidden == {receipt: visibility.HIDDEN_S}


@pytest.mark.parametrize("fault", ["throttled", "unreachable"])
def test_queue_that_does_not_answer_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(shift, "LONGEST_PAUSE_S", 0.01)
    answers = {
        "throttled": refusing("RequestThrottled", 403),
        "unreachable": raising(EndpointConnectionError(endpoint_url="https://sqs")),
    }
    desk.cloud.faults = [Fault(answer=answers[fault], place=place) for place in range(3)]
    desk.put("a")
    desk.send(body(f"{REQUESTS}a"))

    with working(desk):
        until(lambda: len(desk.deleted) == 1)

    assert len(desk.cloud.struck) == 3


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "AccessDenied"])
def test_queue_that_is_not_there_or_not_allowed_ends_the_worker(desk: Desk, code: str) -> None:
    desk.cloud.faults = [Fault(answer=refusing(code, 403), operation="ReceiveMessage")]

    with working(desk) as running, pytest.raises(QueueError, match=f"QUEUE_URL: .*{code}: it must be there"):
        running.result()
    assert len(desk.cloud.calls) == 1


def test_answer_that_was_written_is_not_lost_with_the_deletion_of_its_message(desk: Desk) -> None:
    desk.cloud.faults = [Fault(answer=refusing("InternalError", 500), operation="DeleteMessage")]
    desk.put("a")
    desk.send(body(f"{REQUESTS}a"))

    with working(desk) as running:
        until(lambda: f"{ANSWERS}a.json" in desk.objects)
        desk.stop.set()

        assert running.result() == 0
    assert desk.cloud.hidden == {}
