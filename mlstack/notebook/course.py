"""What to do next to get a notebook running, or stopped: decided by its status alone."""

from mlstack.errors import UserError
from mlstack.journey import Move
from mlstack.notebook.instance import Instance

RUNNING = "InService"
STOPPED = "Stopped"
FAILED = "Failed"
STOPPING = "Stopping"
DELETING = "Deleting"


def to_running(now: Instance, before: Instance | None) -> Move:
    """The next move towards a running notebook.

    ``before`` is how it was when its start was asked for, None where that has not happened.

    Raises:
        UserError: where it will not run: it failed, is being deleted, or somebody stopped it meanwhile.
    """
    match now.status:
        case "InService":
            return Move.DONE
        case "Deleting":
            message = "it is being deleted; deploy the stage again when it is gone"
        case "Stopped" | "Failed" if before is None:
            return Move.ASK
        case "Failed" if now != before:
            message = f"it failed to start: {now.failure or 'SageMaker gives no reason'}"
        case "Stopped" if now != before:
            message = "it stopped again while it was starting; look at who or what stops it, and start it again"
        case "Stopping" if before is not None:
            message = "somebody stops it while it is starting; start it again when it has stopped"
        case _:  # on its way; or SageMaker has not taken note of the start yet
            return Move.WAIT
    raise UserError(message)


def to_stopped(now: Instance, before: Instance | None) -> Move:
    """The next move towards a notebook that does not run; ``before`` is how it was when its stop was asked for."""
    if now.status in {STOPPED, FAILED, DELETING}:
        return Move.DONE
    return Move.ASK if now.status == RUNNING and before is None else Move.WAIT
