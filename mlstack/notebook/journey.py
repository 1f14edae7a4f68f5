"""Brings a notebook from whatever it does to running, or stopped."""

from collections.abc import Callable
from datetime import timedelta

from mlstack.clock import span
from mlstack.errors import UserError
from mlstack.notebook.course import Course, Move
from mlstack.notebook.instance import Instance, Notebook
from mlstack.patience import Patience

POLL_S = 5.0
Ask = Callable[[], bool]
Tell = Callable[[str], None]


def travel(notebook: Notebook, course: Course, ask: Ask, patience: Patience, tell: Tell) -> Instance:
    """Follow a course to its end; gives how the notebook is then.

    Raises:
        UserError: where it cannot get there, or not while the patience lasts.
    """
    before: Instance | None = None
    while True:
        now = notebook.seen()
        try:
            move = course(now, before)
        except UserError as error:
            message = f"notebook {notebook.name}: {error}"
            raise UserError(message) from error
        if move is Move.DONE:
            return now
        if move is Move.ASK and ask():
            before = now
            continue  # a small AWS, such as the local one, is there at once
        tell(f"{now.status}, {span(timedelta(seconds=patience.waited_s))}")
        if not patience.wait(POLL_S):
            status = notebook.target.command("notebook status")
            message = (
                f"notebook {notebook.name} is still {now.status} after {span(timedelta(seconds=patience.limit_s))}; "
                f"`{status}` shows what becomes of it"
            )
            raise UserError(message)
