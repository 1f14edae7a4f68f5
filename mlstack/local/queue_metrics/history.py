"""What a queue was like at any moment of the last day, kept as its changes alone."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mlstack.local.alarms.evaluation import Datum

MINUTE_S = 60.0
KEPT_S = 2 * 86400.0
"""How far back a history goes: an alarm looks at most a day back."""
ACTIVE_S = 6 * 3600.0
"""How long SQS tells of a queue that nobody uses and that is empty."""


class State(NamedTuple):
    """A queue at one moment."""

    visible: int
    hidden: int
    """In flight."""
    sent: int
    """How many messages have ever been sent to it."""
    oldest: float | None
    """When the oldest message in it was sent."""
    used: float
    """When somebody last used it, to the minute."""


class History:
    """The changes of one queue, the oldest first."""

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._states: list[State] = []

    def observe(self, moment: float, state: State) -> None:
        """Remember what the queue is like now."""
        if self._states and self._states[-1] == state:
            return
        if self._moments and self._moments[-1] == moment:
            self._states[-1] = state
            return
        self._moments.append(moment)
        self._states.append(state)
        old = bisect_right(self._moments, moment - KEPT_S) - 1  # the one that still held at that moment stays
        if old > 0:
            del self._moments[:old], self._states[:old]

    def at(self, moment: float) -> State | None:
        """What the queue was like; nothing before it was known."""
        found = bisect_right(self._moments, moment) - 1
        return self._states[found] if found >= 0 else None

    def data(self, metric: str, now: float, seconds: float) -> Iterator[Datum]:
        """A metric's data of the last full minutes, as SQS publishes them; the newest is of ``now`` itself.

        So an alarm that looks once a minute sees a message at its next look, and not at the one after that.
        """
        end = math.floor(now / MINUTE_S) * MINUTE_S
        for minute in range(math.ceil(min(seconds, KEPT_S) / MINUTE_S)):
            moment = now - minute * MINUTE_S
            state = self.at(moment)
            if state is None:
                return
            if _is_active(state, moment):
                before = self.at(moment - MINUTE_S)
                value = METRICS[metric](state, before or state._replace(sent=0), moment)
                yield Datum(end - (minute + 0.5) * MINUTE_S, value, value, value, 1.0)


def _is_active(state: State, moment: float) -> bool:
    return bool(state.visible or state.hidden) or moment - state.used <= ACTIVE_S


METRICS: Mapping[str, Callable[[State, State, float], float]] = {
    "ApproximateAgeOfOldestMessage": lambda state, _, moment: (
        0.0 if state.oldest is None else max(0.0, math.floor(moment - state.oldest))
    ),
    "ApproximateNumberOfMessagesNotVisible": lambda state, _before, _moment: float(state.hidden),
    "ApproximateNumberOfMessagesVisible": lambda state, _before, _moment: float(state.visible),
    "NumberOfMessagesSent": lambda state, before, _: float(state.sent - before.sent),
}
"""How each is told from the state, that of a minute before, and the moment."""
