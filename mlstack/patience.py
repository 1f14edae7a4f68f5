"""How long a command goes on waiting for AWS."""

from time import monotonic, sleep


class Patience:
    """A wait with an end, counted from the first time that there is something to wait for."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._since: float | None = None

    @property
    def waited_s(self) -> float:
        """How long it has been."""
        return 0.0 if self._since is None else monotonic() - self._since

    def wait(self, seconds: float) -> bool:
        """Sleep for at most ``seconds``; say False, at once, when the limit is reached."""
        if self._since is None:
            self._since = monotonic()
        left = self.limit_s - self.waited_s
        if left <= 0:
            return False
        sleep(min(seconds, left))
        return True

    def renew(self) -> None:
        """Begin anew, because what was waited for has come."""
        self._since = None
