"""What happens next: a heap of moments and of what is done then."""

import heapq
from collections.abc import Callable
from itertools import count


class Clock:
    """Time goes from one event to the next; what is due at the same moment happens in the order of its booking."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Do it then; what lies in the past is done now."""
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do it so much later."""
        self.at(self.now + seconds, action)

    def step(self) -> bool:
        """Do what is next; False where there is nothing."""
        if not self._heap:
            return False
        self.now, _, action = heapq.heappop(self._heap)
        action()
        return True
