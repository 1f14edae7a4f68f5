"""A container that serves: asked whether it is well, and asked for answers."""

import contextlib
import http.client
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mlstack.local.container.process import Launch, Process, Tell

PING_S = 2.0
"""How long one answer to /ping may take, as on AWS."""


class UnhealthyError(Exception):
    """A container that ended, or that did not become well in time."""


class UnreachableError(Exception):
    """A container that gave no answer: it ended, or it took too long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a container answered."""

    status: int
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


class Container(Process):
    """One process that serves; its port is its own and on loopback alone."""

    def __init__(self, launch: Launch, port_variable: str, tell: Tell) -> None:
        self.port = free_port()
        super().__init__(replace(launch, environment={**launch.environment, port_variable: str(self.port)}), tell)

    def become_well(self, limit_s: float) -> None:
        """Wait for /ping to answer with 200; raise UnhealthyError where it does not."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if not self.alive:
                self.heard_all()
                message = f"the container ended with {self.how()}{f': {self.last}' if self.last else ''}"
                raise UnhealthyError(message)
            with contextlib.suppress(UnreachableError):
                if self.get("/ping", PING_S).status == http.HTTPStatus.OK:
                    return
            time.sleep(0.03)
        message = f"the container did not answer /ping with 200 within {limit_s:g} s"
        raise UnhealthyError(message)

    def get(self, path: str, timeout_s: float) -> Reply:
        """The answer to a question without a body; UnreachableError where there is none."""
        return self._ask("GET", path, b"", {}, timeout_s)

    def post(self, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """The answer to one request; UnreachableError where there is none."""
        return self._ask("POST", path, body, headers, timeout_s)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(str(error)) from error
        finally:
            connection.close()


def free_port() -> int:
    """A port of this machine that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
