"""Lines into a log group of the local AWS, made where it is not there."""

import time
from collections.abc import Iterable
from threading import Lock

from moto.logs.models import logs_backends

_lock = Lock()


def write(account: str, region: str, group: str, stream: str, lines: Iterable[str]) -> None:
    """Put lines into a stream, dated now."""
    now, backend = int(time.time() * 1000), logs_backends[account][region]
    with _lock:
        backend.ensure_log_group(group)
        if stream not in backend.groups[group].streams:
            backend.create_log_stream(group, stream)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": line or " "} for line in lines])
