"""Does something to several things, one by one: what AWS refuses for one of them holds up no other."""

import logging
from collections.abc import Callable, Iterable

from botocore.exceptions import ClientError

from shared.custom_resource import UnfulfilledError
from shared.fault import code_of, fault_of, reason_of
from shared.patience import PASSING

logger = logging.getLogger(__name__)

NAMED = 3


def to_each(
    names: Iterable[str], act: Callable[[str], object], by_hand: str, *, goes: Callable[[ClientError], bool]
) -> None:
    """Act on every one, and then raise what was refused for good; what ``goes`` by itself is left to the next look.

    Raises:
        UnfulfilledError: in one line, with the names and the way on.
        ClientError: at once for what passes, such as a throttle; the next look goes on.
    """
    refused: list[str] = []
    last: ClientError | None = None
    for name in names:
        try:
            act(name)
        except ClientError as error:
            if fault_of(error) in PASSING:
                raise
            if goes(error):
                logger.warning("%s goes by itself: %s", name, reason_of(error))
                continue
            logger.warning("%s: %s", name, reason_of(error))
            refused, last = [*refused, name], error
    if last is not None:
        more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
        message = (
            f"{last.operation_name} was refused ({code_of(last)}) for {', '.join(refused[:NAMED])}{more}: "
            f"allow it, or {by_hand} by hand, and destroy the stack again"
        )
        raise UnfulfilledError(message) from last
