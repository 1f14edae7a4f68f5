"""What Jupyter's own server says of its kernels and terminals."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from http.client import HTTPSConnection
from typing import Any

from notebook_agent.observation import Kernel

TIMEOUT_S = 8.0
LONGEST = 4 * 1024 * 1024
OK = 200


def kernels(address: str) -> dict[str, Kernel]:
    """Every kernel, those of consoles too."""
    return {str(each["id"]): _kernel(each) for each in _listed(address, "/api/kernels")}


def kernels_of_sessions(address: str) -> dict[str, Kernel]:
    """The kernels of notebooks: the same ones, asked for in another way."""
    found = (each.get("kernel") for each in _listed(address, "/api/sessions"))
    return {str(each["id"]): _kernel(each) for each in found if each}


def terminals(address: str) -> dict[str, float | None]:
    """When each terminal last showed anything."""
    return {str(each["name"]): _date(each.get("last_activity")) for each in _listed(address, "/api/terminals")}


def _kernel(told: dict[str, Any]) -> Kernel:
    return Kernel(told.get("execution_state") == "busy", _date(told.get("last_activity")))


def _date(text: object) -> float | None:
    """Jupyter writes UTC, most often with a Z; None where it is no date."""
    try:
        date = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()


def _listed(address: str, path: str) -> Iterator[dict[str, Any]]:
    # The certificate is Jupyter's own and nobody vouches for it; the address is this machine's loopback interface.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with closing(HTTPSConnection(address, timeout=TIMEOUT_S, context=context)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(LONGEST)
    if answer.status != OK:
        message = f"Jupyter answers {path} with {answer.status}"
        raise ValueError(message)
    listed = json.loads(body)
    if not isinstance(listed, list):
        message = f"Jupyter answers {path} with no list"
        raise TypeError(message)
    return (each for each in listed if isinstance(each, dict))
