"""Why a task does not start."""


class CannotStartError(Exception):
    """A task that ECS gives up; the message is its stoppedReason."""


class UnplacedError(Exception):
    """A task for which no instance has room, nor ever will have; the message is ECS's reason."""


class UntrustedError(Exception):
    """A task whose roles ECS cannot take; the message is ECS's reason."""
