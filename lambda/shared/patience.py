"""Trying again what may be done twice, while AWS is busy or out of order for the moment."""

import logging
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.fault import Fault, fault_of, reason_of

logger = logging.getLogger(__name__)

T = TypeVar("T")
PASSING = frozenset({Fault.WAIT, Fault.RETRY})
TRIES, PAUSE_S = 5, 2.0


def patiently(act: Callable[[], T]) -> T:
    """What the act gives; what passes is waited for, a minute at most, and every other refusal is raised at once."""
    for number in range(TRIES):
        try:
            return act()
        except (BotoCoreError, ClientError) as error:
            if fault_of(error) not in PASSING or number + 1 == TRIES:
                raise
            logger.warning("once more after %s", reason_of(error))
        clock.sleep(clock.spread(PAUSE_S * 2**number))
    raise AssertionError
