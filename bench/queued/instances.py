"""Instances of a capacity provider that come for tasks and go after them."""

from dataclasses import dataclass
from functools import partial

from bench.queued.capacity import Host
from bench.queued.tasks import Task


@dataclass(slots=True, eq=False)
class Instance:
    """One of a group's."""

    launched: float
    registered: bool = False
    leaving: bool = False
    """Spot has given notice."""
    has_images: bool = False
    task: Task | None = None
    idle_since: float = 0.0
    ended: float | None = None


class Instances:
    """A group of Spot instances with a task on each, which ECS's managed scaling makes grow and the watch shrink."""

    def __init__(self, host: Host, most: int) -> None:
        self._host, self._most = host, most
        self._waiting: list[Task] = []
        self._instances: list[Instance] = []

    @property
    def is_empty(self) -> bool:
        """Whether all have ended."""
        return not self._alive

    @property
    def _alive(self) -> list[Instance]:
        return [one for one in self._instances if one.ended is None]

    def place(self, task: Task) -> None:
        """On an instance that has nothing to do; or the task waits for one."""
        self._waiting.append(task)
        self._settle()
        self._ask()

    def released(self, task: Task) -> None:
        """Its instance may have another, or ends after a while."""
        if task in self._waiting:
            self._waiting.remove(task)
        for instance in self._alive:
            if instance.task is task:
                instance.task = None
                self._rest(instance)

    def billed_s(self, end: float) -> list[float]:
        """From its launch to its end."""
        return [max(0.0, (end if one.ended is None else one.ended) - one.launched) for one in self._instances]

    def _ask(self) -> None:
        if self._waiting:
            rng = self._host.drawn(f"wish {len(self._instances)} {self._host.clock.now}")
            self._host.clock.after(self._host.assumed.scale_out_s.draw(rng), self._launch)

    def _launch(self) -> None:
        alive = self._alive
        coming = sum(not one.registered for one in alive)
        wanted = len(self._waiting) - coming
        for _ in range(min(wanted, self._most - len(alive))):
            rng = self._host.drawn(f"instance {len(self._instances)}")
            instance = Instance(self._host.clock.now)
            self._instances.append(instance)
            self._host.clock.after(self._host.assumed.boot_s.draw(rng), partial(self._register, instance))
            lifetime = self._host.lifetime(rng)
            if lifetime < float("inf"):
                notice_s = self._host.notice_s(rng)
                self._host.clock.after(lifetime, partial(self._take, instance, notice_s))

    def _register(self, instance: Instance) -> None:
        if instance.ended is None and not instance.leaving:
            instance.registered = True
            self._rest(instance)

    def _rest(self, instance: Instance) -> None:
        """Nothing runs on it any more, or not yet."""
        now = self._host.clock.now
        instance.idle_since = now
        self._settle()
        if instance.task is None:
            assumed = self._host.assumed
            looks = -(-(now + assumed.idle_instance_s) // assumed.watch_every_s)
            self._host.clock.at(looks * assumed.watch_every_s, lambda: self._look(instance, now))

    def _look(self, instance: Instance, idle_since: float) -> None:
        """The watch ends it if nothing has run on it since."""
        if instance.ended is None and instance.task is None and instance.idle_since == idle_since:
            instance.ended = self._host.clock.now

    def _settle(self) -> None:
        """Give tasks that wait to instances that rest."""
        for instance in self._alive:
            if not self._waiting:
                return
            if instance.registered and not instance.leaving and instance.task is None:
                self._assign(instance, self._waiting.pop(0))

    def _assign(self, instance: Instance, task: Task) -> None:
        host = self._host
        rng = host.drawn(f"task {task.number}")
        pull_s = 0.0 if instance.has_images else host.pull_s(rng)
        instance.task, instance.has_images = task, True
        task.bills_from = host.clock.now
        host.clock.after(pull_s + host.assumed.start_s.draw(rng), lambda: host.ready(task))

    def _take(self, instance: Instance, notice_s: float) -> None:
        """Spot wants it back."""
        if instance.ended is not None:
            return
        instance.leaving = True
        self._host.clock.after(notice_s, lambda: self._end(instance))
        if instance.task is not None:
            self._host.interrupted(instance.task, notice_s)

    def _end(self, instance: Instance) -> None:
        if instance.ended is None:
            instance.ended = self._host.clock.now
            self._ask()
