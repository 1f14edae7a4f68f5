"""One message, from the queue to its answer."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from tests.containers.worker.desk import FINE, Desk, Heard, Replies, Said, message
from tests.containers.worker.worker_lab import ANSWERS, FAILURES, REQUESTS, body
from tests.functions.shared.cloud import Fault, raising, refusing
from worker.fate import SOONEST_S, Again

LATER = {
    "throttled": refusing("SlowDown", 503),
    "denied": refusing("AccessDenied", 403),
    "broken": refusing("InternalError", 500),
    "unreachable": raising(EndpointConnectionError(endpoint_url="https://s3")),
    "silent": raising(ConnectTimeoutError(endpoint_url="https://s3")),
    "a fault of one's own": raising(RuntimeError("secret")),
}
Lines = pytest.CaptureFixture[str]


def lines(captured: Lines) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_request_is_sent_as_it_is_and_its_answer_is_written_as_it_came(desk: Desk, replies: Replies) -> None:
    desk.put("a/b.jpg", b"\xff\xd8picture")

    again = desk.errand().run(message(body(f"{REQUESTS}a/b.jpg")))

    assert again is None
    assert replies.heard == [Heard(b"\xff\xd8picture", "image/jpeg")]
    assert desk.objects[f"{ANSWERS}a/b.jpg.json"] == (FINE, "application/json")


def test_request_is_read_in_the_version_that_was_put(desk: Desk, replies: Replies) -> None:
    desk.put("a", b"newer")
    desk.put("a", b"older", version="v1")

    desk.errand().run(message(body(f"{REQUESTS}a", **{"version-id": "v1"})))

    assert replies.heard[0].body == b"older"


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("image/png", "image/png"),
        ("binary/octet-stream", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("image/png\r\nX-Evil: 1", "application/octet-stream"),
        ("bild/größe", "application/octet-stream"),
    ],
)
def test_request_is_what_its_object_says_that_it_is(desk: Desk, replies: Replies, told: str, sent: str) -> None:
    desk.put("a", kind=told)

    desk.errand().run(message(body(f"{REQUESTS}a")))

    assert replies.heard[0].content_type == sent


@pytest.mark.parametrize("status", [400, 413, 414, 415, 422])
def test_request_that_is_refused_is_done_and_its_reason_written(desk: Desk, replies: Replies, status: int) -> None:
    desk.put("a.jpg")
    replies.next = [Said(status=status, body=b'{"error": {"code": "damaged", "reason": "it ends too soon"}}')]

    again = desk.errand().run(message(body(f"{REQUESTS}a.jpg")))

    assert again is None
    assert desk.written(f"{FAILURES}a.jpg.json") == {
        "request": f"s3://traffic/{REQUESTS}a.jpg",
        "status": status,
        "error": {"code": "damaged", "reason": "it ends too soon"},
    }
    assert f"{ANSWERS}a.jpg.json" not in desk.objects


@pytest.mark.parametrize("version", ["", "v1"])
def test_request_that_was_deleted_meanwhile_is_done_and_that_written(
    desk: Desk, replies: Replies, version: str
) -> None:
    again = desk.errand().run(message(body(f"{REQUESTS}a", **{"version-id": version})))

    assert again is None
    assert desk.written(f"{FAILURES}a.json")["error"]["code"] == "gone"
    assert replies.heard == []


def test_delete_marker_is_a_request_that_was_deleted(desk: Desk) -> None:
    desk.cloud.faults = [Fault(answer=refusing("MethodNotAllowed", 405), operation="GetObject")]

    assert desk.errand().run(message(body(f"{REQUESTS}a"))) is None
    assert desk.written(f"{FAILURES}a.json")["status"] == 404


def test_request_that_is_too_large_is_refused_unread(desk: Desk, replies: Replies) -> None:
    desk.put("small", b"x" * 1024)
    desk.put("large", b"x" * 1025)
    errand = desk.errand(MAX_BYTES="1024")

    assert errand.run(message(body(f"{REQUESTS}small"))) is None
    assert errand.run(message(body(f"{REQUESTS}large", size=3))) is None

    assert [len(heard.body) for heard in replies.heard] == [1024]
    assert desk.written(f"{FAILURES}large.json")["error"]["code"] == "too_large"


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
@pytest.mark.parametrize("fault", LATER)
def test_trouble_with_s3_leaves_the_message(desk: Desk, capsys: Lines, operation: str, fault: str) -> None:
    desk.put("a")
    desk.cloud.faults = [Fault(answer=LATER[fault], operation=operation)]

    again = desk.errand().run(message(body(f"{REQUESTS}a"), receives=2))

    assert isinstance(again, Again)
    assert again.seconds == 2 * SOONEST_S
    assert lines(capsys)[-1]["event"] == "comes_again"


@pytest.mark.parametrize("fault", LATER)
def test_refusal_that_cannot_be_written_leaves_the_message(desk: Desk, replies: Replies, fault: str) -> None:
    desk.put("a")
    replies.always = Said(status=422, body=b"{}")
    desk.cloud.faults = [Fault(answer=LATER[fault], operation="PutObject")]

    assert isinstance(desk.errand().run(message(body(f"{REQUESTS}a"))), Again)


def test_object_that_breaks_off_while_it_is_read_leaves_the_message(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    desk.lost = 1

    again = desk.errand().run(message(body(f"{REQUESTS}a")))

    assert again == Again(SOONEST_S, "s3: IncompleteReadError")
    assert replies.heard == []


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500, 502])
def test_trouble_of_the_server_leaves_the_message(desk: Desk, replies: Replies, status: int) -> None:
    desk.put("a")
    replies.next = [Said(status=status)]

    assert desk.errand().run(message(body(f"{REQUESTS}a"))) == Again(SOONEST_S, f"status_{status}")
    assert list(desk.objects) == [f"{REQUESTS}a"]


def test_server_that_is_gone_leaves_the_message(desk: Desk) -> None:
    desk.put("a")
    desk.replies.port = 1

    again = desk.errand().run(message(body(f"{REQUESTS}a")))

    assert again == Again(SOONEST_S, "server: ConnectionRefusedError")


def test_server_that_is_full_is_asked_again_while_the_message_is_in_hand(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    replies.next = [Said(status=503, headers={"Retry-After": "2"}), Said(status=503)]

    assert desk.errand().run(message(body(f"{REQUESTS}a"))) is None
    assert desk.pauses == [2, 1]
    assert len(replies.heard) == 3


def test_server_that_stays_full_leaves_the_message(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    replies.always = Said(status=503, headers={"Retry-After": "600"})

    again = desk.errand().run(message(body(f"{REQUESTS}a")))

    assert again == Again(120, "status_503")
    assert len(replies.heard) == 5
    assert set(desk.pauses) == {SOONEST_S}


def test_server_that_is_full_is_not_waited_for_by_a_worker_that_ends(desk: Desk, replies: Replies) -> None:
    desk.put("a")
    desk.stop.set()
    replies.always = Said(status=503)

    assert desk.errand().run(message(body(f"{REQUESTS}a"))) == Again(SOONEST_S, "status_503")
    assert len(replies.heard) == 1


@pytest.mark.parametrize("text", ["", "hello", body("elsewhere/a"), body(f"{REQUESTS}a", bucket="other")])
def test_message_that_is_no_request_is_left_for_the_dead_letters_without_a_call(desk: Desk, text: str) -> None:
    again = desk.errand().run(message(text))

    assert isinstance(again, Again)
    assert again.why.startswith("not_a_request: ")
    assert desk.cloud.calls == []


def test_sign_for_a_folder_is_done_without_a_call(desk: Desk, capsys: Lines) -> None:
    assert desk.errand().run(message(body(f"{REQUESTS}folder/", size=0))) is None
    assert desk.cloud.calls == []
    assert lines(capsys)[0]["event"] == "folder"


def test_every_message_has_one_line_and_no_line_what_was_sent_or_answered(
    desk: Desk, replies: Replies, capsys: Lines
) -> None:
    secret = "Only-The-Caller-Knows"  # noqa: S105  # what must not appear
    for name in "abc":
        desk.put(name, secret.encode())
    replies.next = [
        Said(body=json.dumps({"a": secret}).encode()),
        Said(status=422, body=json.dumps({"error": {"code": "damaged", "reason": secret}}).encode()),
        Said(status=500, body=secret.encode()),
    ]

    for text in (*(body(f"{REQUESTS}{name}") for name in "abc"), secret):
        desk.errand().run(message(text))
    out = capsys.readouterr().out

    assert [json.loads(line)["event"] for line in out.splitlines()] == [
        "answered",
        "refused",
        "comes_again",
        "comes_again",
    ]
    assert secret not in out
    assert json.loads(out.splitlines()[0]).keys() >= {"time", "level", "message", "key", "bytes", "status"}


def test_fault_s_line_has_its_place_and_not_its_words(desk: Desk, capsys: Lines) -> None:
    desk.put("a")
    desk.cloud.faults = [Fault(answer=LATER["a fault of one's own"], operation="GetObject")]

    desk.errand().run(message(body(f"{REQUESTS}a")))

    first = lines(capsys)[0]
    assert (first["event"], first["level"], first["exception"]) == ("fault", "error", "builtins.RuntimeError")
    assert "secret" not in str(first)
