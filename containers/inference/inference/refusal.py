"""Why a request is not answered with a prediction."""


class RefusalError(Exception):
    """A request, or one of its pictures, is refused: the caller can read why and mend it.

    The reason is written by this server and repeats nothing of what was sent.
    """

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        """The HTTP status, 4xx or 503."""
        self.code = code
        """What programs compare; it stays the same when the words change."""
        self.reason = reason
        """A sentence for people."""

    def described(self) -> dict[str, dict[str, str]]:
        """The body of the answer, or the place of one picture among several."""
        return {"error": {"code": self.code, "reason": self.reason}}
