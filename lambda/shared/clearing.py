"""Looks again and again until nothing is left, through throttles and lateness, and no longer than there is time."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import Fault, fault_of, reason_of

logger = logging.getLogger(__name__)

SURE = 2
"""AWS's lists are eventually consistent: what costs money is looked for once more when a list is empty."""
PAUSE_S, SHORT_PAUSE_S = 2.0, 1.0
NAMED = 3
Look = Callable[[], Sequence[str]]
"""Does what can be done now, and says what is still there."""


class StillThereError(UnfulfilledError):
    """There was not time enough for everything."""


class OutOfTimeError(Exception):
    """A look came to no end in time."""


def clear(look: Look, what: str, *, until: datetime, enough: int = 1) -> None:
    """Return once nothing is left, as so many looks in a row say.

    Raises:
        StillThereError: where something is left at ``until``; whoever comes next goes on with it.
        ClientError: for every refusal that will not pass, such as a missing permission.
    """
    left: Sequence[str] | None = None
    empty = 0
    while True:
        try:
            left = look()
            empty = 0 if left else empty + 1
            logger.info("%s: %d left", what, len(left))
        except OutOfTimeError:
            empty = 0
        except (BotoCoreError, ClientError) as error:
            if fault_of(error) not in {Fault.WAIT, Fault.RETRY}:
                raise
            empty = 0
            logger.warning("once more after %s", reason_of(error))
        if empty >= enough:
            return
        if clock.now() >= until:
            raise StillThereError(_reason(what, left))
        clock.sleep(clock.spread(SHORT_PAUSE_S if empty else PAUSE_S))


def _reason(what: str, left: Sequence[str] | None) -> str:
    again = "destroy the stack again in some minutes, which goes on with the rest"
    if not left:
        return f"not all {what} could be looked at in time: {again}"
    more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
    return f"some {what} are left: {again}. Left: {', '.join(left[:NAMED])}{more}"
