"""One call of Rekognition, when its rate lets it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from shared import clock
from shared.come_again import ComeAgainError
from shared.fault import Fault, fault_of
from shared.pace import Pace

TIME_FOR_ONE_CALL = timedelta(seconds=20)
PAUSE_S = 0.5
"""Everybody pauses, and goes on at the same rate: a pause that grew would leave idle what others leave of a quota."""
SHARE_OF_WAIT = 0.75
SOON_S = 2.0


def paced(
    call: Callable[[], dict[str, Any]], api: str, *, pace: Pace, per_second: float, until: datetime
) -> dict[str, Any]:
    """Wait for a slot of ``api`` and call; where AWS finds it too fast all the same, pause everybody and try again.

    Raises:
        ComeAgainError: where no slot is free long enough before ``until``; nothing was billed.
        ClientError: every refusal but those for the rate.
    """
    latest = (until - TIME_FOR_ONE_CALL).timestamp()
    while True:
        now = clock.now().timestamp()
        slot = pace.slot(api, per_second=per_second, now=now, latest=latest)
        if slot is None:
            message = f"{api} has no free call before {until:%H:%M:%S} UTC: it is asked {per_second:g} times a second"
            # Back before the slots that are taken have passed: who came later would let some go by unused.
            raise ComeAgainError(message, seconds=max(SOON_S, SHARE_OF_WAIT * (latest - now)))
        clock.sleep(slot - clock.now().timestamp())
        try:
            return call()
        except ClientError as error:
            if fault_of(error) is not Fault.WAIT:
                raise
        pace.pause(api, until=clock.now().timestamp() + PAUSE_S)
