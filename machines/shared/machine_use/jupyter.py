"""What Jupyter's own server says of its kernels and terminals."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timezone
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

from machine_use.observation import Kernel

TIMEOUT_S = 8.0
LONGEST = 4 * 1024 * 1024
OK = 200


def kernels(address: str) -> dict[str, Kernel]:
    """Every kernel, those of consoles too."""
    return told(_listed(address, "/api/kernels"))


def kernels_of_sessions(address: str) -> dict[str, Kernel]:
    """The kernels of notebooks: the same ones, asked for in another way."""
    found = (each.get("kernel") for each in _listed(address, "/api/sessions"))
    return told(each for each in found if each)


def terminals(address: str) -> dict[str, float | None]:
    """When each terminal last showed anything."""
    return {str(each["name"]): _date(each.get("last_activity")) for each in _listed(address, "/api/terminals")}


def told(found: Iterable[dict[str, Any]]) -> dict[str, Kernel]:
    """Kernels, by id, as the server tells of them."""
    return {
        str(each["id"]): Kernel(each.get("execution_state") == "busy", _date(each.get("last_activity")))
        for each in found
    }


def _date(text: object) -> float | None:
    """Jupyter writes UTC, most often with a Z; None where it is no date."""
    try:
        date = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()


def _listed(address: str, path: str) -> Iterator[dict[str, Any]]:
    return listed(HTTPSConnection(address, timeout=TIMEOUT_S, context=unvouched()), path)


def unvouched() -> ssl.SSLContext:
    """For a certificate that is Jupyter's own, for which nobody vouches, on this machine's loopback interface."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def listed(connected: HTTPConnection, path: str, **headers: str) -> Iterator[dict[str, Any]]:
    """What the server lists at the path; anything but a list raises."""
    with closing(connected) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read(LONGEST)
    if answer.status != OK:
        message = f"Jupyter answers {path} with {answer.status}"
        raise ValueError(message)
    found = json.loads(body)
    if not isinstance(found, list):
        message = f"Jupyter answers {path} with no list"
        raise TypeError(message)
    return (each for each in found if isinstance(each, dict))
