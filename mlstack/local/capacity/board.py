"""Who waits for an instance, and who is on which: the tasks of ECS that need EC2's instances."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock, Thread

from mlstack.local import runtime
from mlstack.local.capacity.resources import Resources
from mlstack.local.clock import CLOCK

LIMIT_S = 900.0
"""How long a task is PROVISIONING at most; AWS says between 10 and 30 minutes and lets nobody choose."""
FAILED_TO_START = "TaskFailedToStart"
EMPTY = "EMPTY CAPACITY PROVIDER"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a task needs of an instance."""

    account: str
    region: str
    cluster: str
    task_arn: str
    provider: str
    """A capacity provider's name; nothing for the launch type EC2, which takes any instance of the cluster."""
    gpus: int
    cpu_units: int
    memory_mib: int
    group: str

    @property
    def resources(self) -> Resources:
        """The same as resources."""
        return Resources(gpus=self.gpus, cpu_units=self.cpu_units, memory_mib=self.memory_mib)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The instance that has room."""

    container_instance_arn: str
    instance_id: str


Placed = Callable[[Place], None]
Failed = Callable[[str, str], None]
"""Called with a stop code and a reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An instance that takes tasks."""

    place: Place
    cluster: str
    providers: frozenset[str]
    whole: Resources


@dataclass(frozen=True, slots=True)
class _Waiting:
    wish: Wish
    placed: Placed
    failed: Failed | None
    since: float


@dataclass
class Board:
    """All tasks that need an instance, of all clusters."""

    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _placed: dict[str, tuple[Wish, Place]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, wish: Wish, placed: Placed, failed: Failed | None) -> None:
        """Let a task wait."""
        with self._lock:
            self._waiting[wish.task_arn] = _Waiting(wish, placed, failed, CLOCK.now())

    def drop(self, task_arn: str) -> None:
        """Forget a task, wherever it is."""
        with self._lock:
            self._waiting.pop(task_arn, None)
            self._placed.pop(task_arn, None)

    def waiting(self) -> list[Wish]:
        """Who waits, the first first."""
        with self._lock:
            return [one.wish for one in self._waiting.values()]

    def on(self, container_instance_arn: str) -> list[Wish]:
        """Who is on an instance."""
        with self._lock:
            there = list(self._placed.values())
        return [wish for wish, place in there if place.container_instance_arn == container_instance_arn]

    def uses(self, provider: str) -> bool:
        """Whether a task waits for a provider or is on an instance of it."""
        with self._lock:
            wishes = [*(one.wish for one in self._waiting.values()), *(wish for wish, _ in self._placed.values())]
        return any(wish.provider == provider for wish in wishes)

    def left(self, candidate: Candidate) -> Resources:
        """What an instance has left."""
        return self._left(candidate)

    def match(self, candidates: Iterable[Candidate]) -> None:
        """Place whoever fits somewhere: where the least is left, so that others may stay whole."""
        there = list(candidates)
        with self._lock:
            for one in list(self._waiting.values()):
                found = self._best(one.wish, there)
                if found is not None:
                    del self._waiting[one.wish.task_arn]
                    self._placed[one.wish.task_arn] = one.wish, found.place
                    _soon(one.placed, found.place)

    def give_up(self, empty: Callable[[Wish], bool]) -> None:
        """Fail whoever has waited for too long; ``empty`` says whether its provider has no instance at all."""
        now = CLOCK.now()
        with self._lock:
            late = [one for one in self._waiting.values() if one.failed is not None and now >= one.since + LIMIT_S]
            for one in late:
                del self._waiting[one.wish.task_arn]
        for one in late:
            reason = EMPTY if empty(one.wish) else f"RESOURCE:{_scarce(one.wish)}"
            if one.failed is not None:
                _soon(one.failed, FAILED_TO_START, f"{FAILED_TO_START}: {reason}")

    def lacks(self, wish: Wish, candidates: Iterable[Candidate]) -> str:
        """What there is too little of everywhere, for a task that nothing will make room for; nothing where it fits."""
        there = [one for one in candidates if _suits(wish, one)]
        if not there:
            return EMPTY
        with self._lock:
            lacking = [self._left_now(one).lacks(wish.resources) for one in there]
        return "" if "" in lacking else f"RESOURCE:{lacking[0]}"

    def _best(self, wish: Wish, there: Iterable[Candidate]) -> Candidate | None:
        fitting = []
        for candidate in there:
            left = self._left_now(candidate)
            if _suits(wish, candidate) and not left.lacks(wish.resources):
                fitting.append((left.gpus, left.cpu_units, left.memory_mib, candidate))
        return min(fitting, key=lambda one: one[:3])[3] if fitting else None

    def _left(self, candidate: Candidate) -> Resources:
        with self._lock:
            return self._left_now(candidate)

    def _left_now(self, candidate: Candidate) -> Resources:
        left = candidate.whole
        for wish, place in self._placed.values():
            if place == candidate.place:
                left -= wish.resources
        return left


def _suits(wish: Wish, candidate: Candidate) -> bool:
    return candidate.cluster == wish.cluster and (not wish.provider or wish.provider in candidate.providers)


def _scarce(wish: Wish) -> str:
    return "GPU" if wish.gpus else "MEMORY" if wish.memory_mib else "CPU"


def _soon(call: Callable[..., None], *arguments: object) -> None:
    """In another thread: who is called may call back."""

    def run() -> None:
        try:
            call(*arguments)
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
            runtime.running().report.fault(f"placement: {error!r}")

    Thread(target=run, name="placement", daemon=True).start()


BOARD = Board()
"""The server's own."""
