"""What EC2 tells the machine of itself, over the link-local address that only it can reach (IMDSv2), past any proxy."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_S = 3.0
LONGEST = 4096
LIFE = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
OK, ABSENT = 200, 404


def told(address: str, path: str) -> str | None:
    """The value at a path below latest/meta-data; None where there is none.

    Raises:
        OSError: where the service does not answer.
    """
    status, token = _answer(address, "PUT", "/latest/api/token", LIFE)
    if status == OK:
        status, text = _answer(address, "GET", f"/latest/meta-data/{path}", {"X-aws-ec2-metadata-token": token})
        if status in {OK, ABSENT}:
            return text if status == OK else None
    message = f"{address} answers with {status}"
    raise OSError(message)


def _answer(address: str, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=TIMEOUT_S)) as connection:
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(LONGEST).decode(errors="replace").strip()
        except (HTTPException, ValueError) as error:
            message = f"{address} answers with nonsense: {error}"
            raise OSError(message) from error
