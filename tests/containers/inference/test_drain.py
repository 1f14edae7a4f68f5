"""Full, stopped, slow: a server that has too much to do says so, and one that is stopped ends with its work done."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.containers.inference import pictures, server_lab
from tests.containers.inference.server_lab import Server, answered
from tests.functions.image_analysis.pictures import segment

DARK, A_WHILE, VERY_LONG = (pictures.plain(level, "L") for level in (0, 232, 255))
SENT = "Only-The-Caller-Knows"


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + server_lab.PATIENCE_S
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def draining(server: Server) -> bool:
    return server.ping().status == 503


def test_server_says_that_it_is_full_at_once_and_healthy_all_the_time(sleepy: Path) -> None:
    with (
        server_lab.serving(sleepy, INFERENCE_THREADS="1", INFERENCE_MAX_CONCURRENCY="2") as server,
        server.begun(A_WHILE) as running,
        server.begun(DARK) as unfinished,
    ):
        running.sendall(A_WHILE[-1:])

        refused, ping = server.ask(DARK), server.ping()
        unfinished.sendall(DARK[-1:])

        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "full", "1")
        assert ping.status == 200
        assert [answered(one).status for one in (running, unfinished)] == [200, 200]
        assert server.ask(DARK).status == 200


def test_server_that_is_stopped_answers_who_is_inside_and_nobody_else(sleepy: Path) -> None:
    with (
        server_lab.serving(sleepy, INFERENCE_DRAIN_SECONDS="20") as server,
        server.begun(A_WHILE) as running,
        server.begun(DARK) as unfinished,
    ):
        running.sendall(A_WHILE[-1:])
        server.process.send_signal(signal.SIGTERM)
        until(lambda: draining(server))

        late = server.ask(DARK)
        unfinished.sendall(DARK[-1:])

        assert (late.status, late.code) == (503, "draining")
        assert [answered(one).status for one in (unfinished, running)] == [200, 200]
        assert server.ended() == 0
        assert (server.log[-1]["event"], server.log[-1]["cut_off"]) == ("stopped", 0)


def test_server_does_not_wait_longer_than_it_may_and_tells_whom_it_cut_off(sleepy: Path) -> None:
    with server_lab.serving(sleepy, INFERENCE_DRAIN_SECONDS="0") as server, server.begun(VERY_LONG) as running:
        running.sendall(VERY_LONG[-1:])

        server.process.send_signal(signal.SIGTERM)
        said = answered(running)

        assert (said.status, said.code) == (503, "cut_off")
        assert server.ended() == 1
        assert (server.log[-1]["event"], server.log[-1]["cut_off"]) == ("stopped", 1)


def test_server_gives_up_on_a_body_that_stays_away(colours: Path) -> None:
    with server_lab.serving(colours, INFERENCE_READ_SECONDS="1") as server, server.begun(DARK) as unfinished:
        said = answered(unfinished)

        assert (said.status, said.code) == (408, "too_slow")


def test_server_writes_a_line_for_each_request_and_nothing_that_was_sent(colours: Path) -> None:
    jpeg = pictures.encoded(pictures.quartered(), "JPEG", comment=SENT)
    damaged_exif = jpeg[:2] + segment(0xE1, b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + SENT.encode()) + jpeg[2:]
    with server_lab.serving(colours) as server:
        asked = [
            server.ask(jpeg, headers={"X-Amzn-SageMaker-Custom-Attributes": SENT, "User-Agent": SENT}),
            server.ask(damaged_exif),
            server.ask(SENT.encode()),
            server.ask(jpeg[:-100] + SENT.encode()),
            server.ask(f'{{"{SENT}": "{SENT}"}}'.encode(), "application/json"),
            server.ask(f'{{"image": "{SENT}"}}'.encode(), "application/json"),
            server.ask(b"{}", f"text/{SENT}"),
            server.ask(b"{}", headers={"Accept": SENT}),
        ]
        server.ask(path=f"/{SENT}?{SENT}={SENT}", method=SENT)
        server.ask(path="/ping", method="GET", headers={"Upgrade": SENT, "Connection": "Upgrade"})
        code = server.stop()
        errors = server.process.stderr

        assert code == 0
        assert [said.status for said in asked] == [200, 200, 415, 422, 422, 422, 415, 406]
        lines = [line for line in server.log if line["event"] == "invocation"]
        assert [line["status"] for line in lines] == [said.status for said in asked]
        assert {"time", "level", "milliseconds", "bytes", "images"} <= set(lines[0])
        assert lines[2]["code"] == "not_a_picture"
        assert SENT.lower() not in str(server.log).lower()
        assert errors is not None
        assert errors.read() == ""
