"""uvicorn, which drains before it ends."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from inference import log
from inference.gate import Gate

KEEP_ALIVE_S = 75  # longer than a load balancer's 60, which would otherwise send into a closing connection
LAST_WORDS_S = 2  # for answers on their way when the last request is through
LOOK_S = 0.05
HEADER_BYTES = 32 * 1024


class Server(uvicorn.Server):
    """Serves until SIGTERM, then answers what is inside, for so long, while pings and newcomers are told 503.

    Only then are connections closed: a load balancer that has not heard yet gets an answer, not a refused connection.
    """

    def __init__(self, app: Starlette, gate: Gate, *, drain_s: float) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=LAST_WORDS_S,
                h11_max_incomplete_event_size=HEADER_BYTES,
            )
        )
        self._gate = gate
        self._drain_s = drain_s
        self.cut_off = 0
        """Requests that were not answered in time."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal to stop."""
        self._gate.closed = True
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Listen to signals; uvicorn itself would raise them once more at the end, and so not end with 0."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        log.write("ready", port=sockets[0].getsockname()[1] if sockets else None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for the requests inside, then close."""
        log.write("draining", inside=self._gate.inside)
        until = asyncio.get_running_loop().time() + self._drain_s
        # Looking, as uvicorn does: a second Ctrl+C sets its flag ``force_exit``, which is no event.
        while self._gate.inside and not self.force_exit and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
        self.cut_off = self._gate.inside
        await super().shutdown(sockets)
        await asyncio.sleep(LOOK_S)  # those that were cut off are told so
        log.write("stopped", cut_off=self.cut_off)
