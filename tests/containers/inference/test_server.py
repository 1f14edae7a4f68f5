"""The server over HTTP: whatever is sent, it answers, says why not, and goes on."""

import base64
import http.client
import json
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.containers.inference import pictures
from tests.containers.inference.server_lab import PATIENCE_S, Said, Server, answered, received
from tests.functions.image_analysis.corpus import BOMB, CONTENTS, MIB

RED = pictures.plain("red")
LIMIT = 6 * MIB
REFUSALS = {400, 404, 405, 406, 408, 413, 415, 422, 503}


def bare(server: Server, sent: bytes) -> bytes:
    """What comes back for bytes that no client would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_server_says_that_it_is_ready(server: Server) -> None:
    assert (server.ping().status, server.ping().document) == (200, {"state": "ready"})


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "application/x-image", "application/octet-stream", None])
def test_server_answers_a_picture(server: Server, kind: str | None) -> None:
    said = server.ask(RED, kind)

    assert said.status == 200
    assert said.headers["content-type"] == "application/json"
    assert said.document["predictions"][0]["label"] == "red"
    assert sum(one["score"] for one in said.document["predictions"]) == pytest.approx(1, abs=1e-5)


def test_server_answers_pictures_in_json(server: Server) -> None:
    texts = [base64.b64encode(content).decode() for content in (RED, b"none", pictures.plain("blue"))]

    one = server.ask(json.dumps({"image": texts[0]}).encode(), "application/json").document
    several = server.ask(json.dumps({"images": texts}).encode(), "application/json").document

    assert one == several["results"][0]
    assert several["results"][1]["error"]["code"] == "not_a_picture"
    assert several["results"][2]["predictions"][0]["label"] == "blue"


def test_server_tells_batch_transform_what_to_send(server: Server) -> None:
    said = server.ask(path="/execution-parameters", method="GET", kind=None)

    assert said.document == {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 6}


@pytest.mark.parametrize("name", CONTENTS)
def test_server_reads_or_refuses_everything_that_people_upload(server: Server, name: str) -> None:
    said = server.ask(CONTENTS[name][0], "image/jpeg")

    assert said.status == 200 or said.status in REFUSALS
    assert said.document["predictions"] if said.status == 200 else said.document["error"]["reason"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 1_000_000, "not_json"),
        (b'{"image":' * 500_000, "not_json"),
        (b"{}", "wrong_document"),
        (b'{"image": NaN}', "not_json"),
        (b'{"images": [' + b'"",' * 999 + b'""]}', "wrong_number"),
        (b"[" + b"[]," * 1_000_000 + b"0]", "wrong_document"),
    ],
    ids=["lists", "objects", "nothing", "nan", "too many", "wide"],
)
def test_server_refuses_hostile_json(server: Server, body: bytes, code: str) -> None:
    said = server.ask(body, "application/json")

    assert said.status in REFUSALS
    assert said.code == code


@settings(max_examples=30)
@given(st.sampled_from(["application/json", "image/jpeg", "", "text/plain"]), st.binary(max_size=300))
def test_server_never_fails_whatever_the_bytes(server: Server, kind: str, body: bytes) -> None:
    assert server.ask(body, kind).status in {200, *REFUSALS}


def test_server_refuses_a_body_beyond_its_limit_with_a_reason(server: Server) -> None:
    at_the_limit = server.ask(pictures.padded(CONTENTS["JPEG in grey"][0], LIMIT), "image/jpeg")
    beyond = server.ask(bytes(LIMIT + 1))

    assert at_the_limit.status == 200
    assert (beyond.status, beyond.code) == (413, "too_large")


def test_server_takes_a_body_without_a_length(server: Server) -> None:
    assert server.ask(iter([RED[:20], RED[20:]])).status == 200


def test_server_refuses_a_body_without_a_length_before_its_end(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(7):
            connection.sendall(b"100000\r\n" + bytes(MIB) + b"\r\n")
        said = answered(connection)

    assert (said.status, said.code) == (413, "too_large")


def test_server_takes_no_notice_of_custom_attributes(server: Server) -> None:
    headers = {"X-Amzn-SageMaker-Custom-Attributes": "top_k=1,${jndi:ldap://x}", "X-Forwarded-For": "10.0.0.1"}

    assert server.ask(RED, headers=headers).document == server.ask(RED).document


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/", 404),
        ("GET", "/invocations", 405),
        ("POST", "/ping", 405),
        ("GET", "/ping/", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/docs", 404),
        ("DELETE", "/invocations", 405),
        ("OPTIONS", "*", 404),
    ],
)
def test_server_has_no_other_address(server: Server, method: str, path: str, status: int) -> None:
    said = server.ask(path=path, method=method)

    assert said.status == status
    assert "passwd" not in said.text


def test_server_refuses_who_wants_no_json(server: Server) -> None:
    assert server.ask(RED, headers={"Accept": "text/csv"}).status == 406


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /invocations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /ping HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 200_000 + b"\r\n\r\n",
    ],
    ids=["TLS", "negative length", "two lengths", "broken chunk", "long header"],
)
def test_server_answers_what_is_no_http_with_400(server: Server, sent: bytes) -> None:
    try:
        answer = bare(server, sent)
    except OSError:  # it closed while we were still sending
        answer = b""

    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    assert server.ping().status == 200


def test_server_outlives_callers_that_hang_up(server: Server) -> None:
    for length in (1, 40, len(RED)):
        with server.begun(RED[:length]):
            pass

    assert server.ask(RED).status == 200


def test_server_answers_many_at_once_and_sends_the_rest_away(server: Server) -> None:
    def ask(number: int) -> Said:
        return server.ask(pictures.plain(("red", "green", "blue")[number % 3]))

    with ThreadPoolExecutor(24) as callers:
        answers = list(callers.map(ask, range(120)))

    assert {said.status for said in answers} <= {200, 503}
    assert sum(said.status == 200 for said in answers) > 40
    for number, said in enumerate(answers):
        if said.status == 200:
            assert said.document["predictions"][0]["label"] == ("red", "green", "blue")[number % 3]
        else:
            assert (said.code, said.headers["retry-after"]) == ("full", "1")


def test_server_stays_small(server: Server) -> None:
    for _ in range(4):
        assert server.ask(BOMB).code == "too_many_pixels"

    # 48 MB when decoded; a copy for each step would make it 240.
    large = Image.new("RGBA", (4000, 3000), (255, 0, 0, 255))
    assert server.ask(pictures.encoded(large, compress_level=1)).document["predictions"][0]["label"] == "red"
    assert server.peak_mib < 250


def test_server_does_not_hold_answers_back(server: Server) -> None:
    connection, took = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S), list[float]()

    for _ in range(20):
        started = time.monotonic()
        connection.request("POST", "/invocations", RED, {"Content-Type": "image/png"})
        assert received(connection).status == 200
        took.append(time.monotonic() - started)
    connection.close()

    # Where TCP_NODELAY is not set, the kernel holds most second packets back for 0.04 s.
    assert statistics.median(took) < 0.03
