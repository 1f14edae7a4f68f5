"""The inference server in the same task, asked over the loopback."""

import http.client
from dataclasses import dataclass

from worker.fate import OK, Reply

HOST = "127.0.0.1"
PING_S = 2
MOST = 16 * 1024**2
"""Bytes of an answer."""
DIGITS = 5
TOO_MUCH = "too_much"


class ServerError(Exception):
    """The server did not answer as a server does; one word says how."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens."""

    port: int
    seconds: int
    """How long it may take for one answer."""

    def well(self) -> bool:
        """Whether it takes requests."""
        try:
            return self._ask("GET", "/ping", b"", {}, PING_S).status == OK
        except ServerError:
            return False

    def invoke(self, body: bytes, content_type: str) -> Reply:
        """One request; raise ServerError."""
        return self._ask("POST", "/invocations", body, {"Content-Type": content_type}, self.seconds)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str], seconds: int) -> Reply:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=seconds)
        try:
            connection.request(method, path, body=body or None, headers=headers)
            response = connection.getresponse()
            content = response.read(MOST + 1)
            if response.length and len(content) <= MOST:  # so much is missing; reading a part does not tell
                raise http.client.IncompleteRead(content, response.length)
        except (OSError, http.client.HTTPException) as error:
            raise ServerError(type(error).__name__) from error
        finally:
            connection.close()
        if len(content) > MOST:
            raise ServerError(TOO_MUCH)
        after = (response.getheader("Retry-After") or "").strip()
        asked = int(after) if after.isascii() and after.isdecimal() and len(after) <= DIGITS else None
        return Reply(status=response.status, body=content, retry_after_s=asked)
