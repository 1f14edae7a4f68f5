"""Every Jupyter server that runs on the machine, whoever started it, and its kernels.

A server leaves a file with its port and token in its user's home. Whatever stands in there, the agent asks this
machine's loopback address only. Terminals of Jupyter are devices like all others and need not be asked for.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from machine_use import jupyter
from machine_use.observation import Kernel
from workstation_agent import plain_file

HOMES = ("home/*", "root")
RUNTIME = ".local/share/jupyter/runtime"
PATTERNS = ("jpserver-*.json", "nbserver-*.json")
MOST = 16
"""Servers that are asked, the youngest first; all at once, so that one that hangs delays none."""
ALL_S = 12.0
ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """Where one listens, and how it wants to be asked."""

    port: int
    folder: str
    is_secure: bool
    token: str

    def kernels(self) -> dict[str, Kernel]:
        """Every kernel; raises where the server does not answer."""
        headers = {"Authorization": f"token {self.token}"} if self.token else {}
        connection = HTTPConnection(ADDRESS, self.port, timeout=jupyter.TIMEOUT_S)
        if self.is_secure:
            connection = HTTPSConnection(ADDRESS, self.port, timeout=jupyter.TIMEOUT_S, context=jupyter.unvouched())
        return jupyter.told(jupyter.listed(connection, f"{self.folder}/api/kernels", **headers))


def servers(root: Path) -> list[Server]:
    """Those whose process still lives."""
    paths = (path for home in HOMES for place in root.glob(home) for path in _files(place / RUNTIME))
    found = sorted(paths, key=_age)[:MOST]
    return list(dict.fromkeys(server for path in found for server in _server(root, path)))


def kernels(found: Sequence[Server]) -> tuple[dict[str, Kernel], list[str]]:
    """The kernels of all of them, and what could not be read."""
    kernels: dict[str, Kernel] = {}
    silent = {server: f"the server at port {server.port} does not answer" for server in found}

    def ask(server: Server) -> None:
        try:
            kernels.update(server.kernels())
            del silent[server]
        except Exception as error:  # noqa: BLE001 (whatever it is, the other servers count)
            silent[server] = f"the server at port {server.port}: {type(error).__name__}: {error}"

    end = time.monotonic() + ALL_S
    threads = [threading.Thread(target=ask, args=(server,), daemon=True) for server in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0.0))
    return dict(kernels), list(silent.values())


def _files(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        for pattern in PATTERNS:
            yield from folder.glob(pattern)


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _server(root: Path, path: Path) -> Iterator[Server]:
    """The server of which a file tells; none where it is no such file: people can write anything there."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        told = json.loads(plain_file.text(path))
        if (root / "proc" / str(int(told["pid"]))).is_dir():
            url = urlsplit(str(told["url"]))
            port = int(told.get("port") or url.port or 0)
            folder = quote(url.path.rstrip("/"), safe="/%")
            if url.scheme in {"http", "https"} and 0 < port < 1 << 16:
                yield Server(port, folder, url.scheme == "https", str(told.get("token") or ""))
