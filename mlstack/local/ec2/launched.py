"""Who wants to know that an instance was launched, started, stopped or terminated: the machine behind it, say."""

import logging
from collections.abc import Callable
from typing import Literal

Happening = Literal["launch", "boot", "start", "stop", "terminate"]
Listener = Callable[[str, str, str], None]
"""Called with the account, the region and the instance's id, in the request's thread: it has to return at once."""
Withdraw = Callable[[], None]

_listeners: dict[Happening, list[Listener]] = {"launch": [], "boot": [], "start": [], "stop": [], "terminate": []}
log = logging.getLogger(__name__)


def on_launch(listener: Listener) -> Withdraw:
    """Tell of each new instance once everything of it can be described; gives what ends that."""
    return _on("launch", listener)


def on_boot(listener: Listener) -> Withdraw:
    """Tell of each instance whose user data has run, however it ended: what its image starts after that begins."""
    return _on("boot", listener)


def on_start(listener: Listener) -> Withdraw:
    """Tell of each stopped instance that runs again."""
    return _on("start", listener)


def on_stop(listener: Listener) -> Withdraw:
    """Tell of each instance that was stopped."""
    return _on("stop", listener)


def on_terminate(listener: Listener) -> Withdraw:
    """Tell of each instance that was terminated."""
    return _on("terminate", listener)


def tell(happening: Happening, account: str, region: str, instance_id: str) -> None:
    """Tell everybody; EC2 goes on whatever they make of it."""
    for listener in tuple(_listeners[happening]):
        try:
            listener(account, region, instance_id)
        except Exception:
            log.exception("%s of %s", happening, instance_id)


def _on(happening: Happening, listener: Listener) -> Withdraw:
    _listeners[happening].append(listener)

    def withdraw() -> None:
        _listeners[happening].remove(listener)

    return withdraw
