"""What the mends share inside the server's process: where it listens, its report, its functions, its folder."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

from mlstack.local.environment import Place
from mlstack.local.report import Report

if TYPE_CHECKING:
    from mlstack.local.functions.pool import Pools

QUICK = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, proxies={})


@dataclass(kw_only=True)
class Runtime:
    """One running server; made once, before anything is mended."""

    place: Place
    folder: Path
    pools: "Pools"
    report: Report = field(default_factory=Report)
    _clients: dict[Hashable, Any] = field(default_factory=dict)
    _making: Lock = field(default_factory=Lock)

    @cached_property
    def _session(self) -> botocore.session.Session:
        return botocore.session.Session()

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
        """A client of the server's own public interface: what moto documents stays stable, its inside does not."""
        return self.make_client(service, region, QUICK)

    def make_client(self, service: str, region: str, config: Config) -> Any:  # noqa: ANN401 - as above
        """A client with a configuration of its own, made once: botocore's session is not for many threads at a time."""
        key = (service, region, config is QUICK)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(service, region_name=region, config=config)
            return self._clients[key]


_running: list[Runtime] = []


def start(runtime: Runtime) -> None:
    """Make ``runtime`` the one that the mends act in."""
    _running[:] = [runtime]


def running() -> Runtime:
    """The server that this code runs in."""
    return _running[0]
