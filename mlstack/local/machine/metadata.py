"""What EC2 tells a machine of itself (IMDSv2), on a loopback port of the machine's own."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

TOKEN, LIFETIME = "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN_PATH, PREFIX = "/latest/api/token", "/latest/meta-data/"
LONGEST_S = 21600
Facts = Callable[[], Mapping[str, str]]
"""The values by their paths, as they are now."""


class MetadataService:
    """Answers until it is closed."""

    def __init__(self, facts: Facts) -> None:
        tokens: dict[str, float] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(facts, tokens))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="metadata", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(facts: Facts, tokens: dict[str, float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:  # the library's name
            """A token."""
            said = self.headers.get(LIFETIME, "")
            if self.path != TOKEN_PATH:
                self._say(HTTPStatus.NOT_FOUND)
            elif not said.isascii() or not said.isdigit() or not 0 < int(said) <= LONGEST_S or self._is_forwarded():
                self._say(HTTPStatus.BAD_REQUEST)
            else:
                token = uuid4().hex
                tokens[token] = time.monotonic() + int(said)
                self._say(HTTPStatus.OK, token)

        def do_GET(self) -> None:  # the library's name
            """A value, to who has a token."""
            if tokens.get(self.headers.get(TOKEN, ""), 0.0) < time.monotonic():
                self._say(HTTPStatus.UNAUTHORIZED)
                return
            found = facts().get(self.path.removeprefix(PREFIX)) if self.path.startswith(PREFIX) else None
            self._say(HTTPStatus.NOT_FOUND if found is None else HTTPStatus.OK, found or "")

        def _is_forwarded(self) -> bool:
            """A proxy's request, which the real service refuses too."""
            return "X-Forwarded-For" in self.headers

        def _say(self, status: HTTPStatus, text: str = "") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the library's signature
            """Say nothing."""

    return Handler
