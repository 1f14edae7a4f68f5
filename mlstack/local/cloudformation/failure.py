"""Why a stack's operation fails."""


class ResourceFailedError(Exception):
    """A resource could not be made, changed or deleted; the message is the reason."""

    def __init__(self, logical_id: str, reason: str) -> None:
        super().__init__(f"{logical_id}: {reason}")


class FinalError(Exception):
    """A failure that trying again would only repeat: a function has run and said no.

    ``resource`` is what came to be all the same, and has to be deleted again.
    """

    def __init__(self, reason: str, resource: object = None) -> None:
        super().__init__(reason)
        self.resource = resource


def reason(error: Exception) -> str:
    """An error in one line."""
    text = getattr(error, "message", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
