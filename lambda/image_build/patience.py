"""Calls of AWS that come again while there is time."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.custom_resource import UnfulfilledError
from shared.fault import Fault, code_of, fault_of

logger = logging.getLogger(__name__)

PAUSE_S = 5.0
YOUNG = timedelta(minutes=1)
"""For so long a missing permission may be one that was given a moment ago and is not known everywhere yet."""

Answer = TypeVar("Answer")


class OutOfTimeError(UnfulfilledError):
    """There was not time enough."""


class Patience:
    """Lasts until a moment, and says ``meanwhile`` when it ends."""

    def __init__(self, until: datetime, meanwhile: str) -> None:
        self._began = clock.now()
        self._until = until
        self._meanwhile = meanwhile

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer; raise ClientError for every refusal that will not pass."""
        while True:
            try:
                return ask()
            except (BotoCoreError, ClientError) as error:
                if not self._passes(error):
                    raise
                logger.warning("once more after %s", error)
            self.pause()

    def pause(self) -> None:
        """Wait a little; raise OutOfTimeError where no time is left for it."""
        if clock.now() >= self._until:
            raise OutOfTimeError(self._meanwhile)
        clock.sleep(clock.spread(PAUSE_S))

    def _passes(self, error: BotoCoreError | ClientError) -> bool:
        young = clock.now() - self._began < YOUNG
        denied = isinstance(error, ClientError) and code_of(error) == "AccessDeniedException"
        return (young and denied) or fault_of(error) in {Fault.WAIT, Fault.RETRY}
