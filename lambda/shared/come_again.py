"""How a delivery says that it must come again."""


class ComeAgainError(Exception):
    """The message must be delivered once more, after about so many seconds."""

    def __init__(self, reason: str, *, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds
