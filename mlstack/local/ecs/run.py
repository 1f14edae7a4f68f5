"""One task's life: placed, prepared, its containers started, watched and ended, in a thread of its own."""

import time
from collections.abc import Callable
from shutil import rmtree
from threading import Event, Lock, Thread
from uuid import uuid4

from mlstack.local.capacity import placement
from mlstack.local.container.process import Launch
from mlstack.local.container.served import free_port
from mlstack.local.ecs import dependency, network, reach, task
from mlstack.local.ecs.awslogs import Awslogs
from mlstack.local.ecs.container import Container
from mlstack.local.ecs.failure import CannotStartError
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.launch import Surroundings, launched
from mlstack.local.ecs.mount import declared_ports, volumes
from mlstack.local.ecs.requirement import AWSVPC, needs
from mlstack.local.ecs.task import Task
from mlstack.local.ecs.wish import wish

NEVER_STARTED, ESSENTIAL = "TaskFailedToStart", "EssentialContainerExited"
ESSENTIAL_ENDED = "Essential container in task exited"
NOT_STARTED = "Task failed to start"
AT_ONCE_S = 0.2


class Run:
    """A task that runs."""

    def __init__(self, hall: Hall, said: Task, changed: Callable[[Task], None]) -> None:
        self.task = said
        self._hall = hall
        self._changed = changed
        self._folder = hall.folder / "tasks" / said.id
        self._needs = needs([one.said for one in said.containers])
        self._launches: dict[str, tuple[Launch, Awslogs | None]] = {}
        self._deadline = float("inf")
        self._wake = Event()
        self._placed = Event()
        self._lock = Lock()
        self._thread = Thread(target=self._live, name=f"task {said.id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, code: str, reason: str, *, limit_s: float = float("inf")) -> None:
        """Have it end, for the first reason that it gets, within ``limit_s``."""
        with self._lock:
            if self.task.desired == task.STOPPED:
                return
            self.task.stop_code, self.task.stopped_reason = code, reason
            self._deadline = time.monotonic() + limit_s
            self.task.stopping_at = time.time()
            self.task.desired = task.STOPPED
        self._wake.set()
        self._placed.set()

    def close(self) -> None:
        """End its processes at once: the server ends."""
        self.stop("UserInitiated", "the local AWS is ending", limit_s=0)
        for one in self.task.containers:
            one.kill(AT_ONCE_S)

    def _live(self) -> None:
        try:
            self._place()
            if self.task.live:
                self._prepare()
                self._work()
        except CannotStartError as error:
            self.stop(NEVER_STARTED, str(error))
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
            self._hall.report.fault(f"task {self.task.arn}: {error!r}")
            self.stop(NEVER_STARTED, repr(error))
        try:
            self._wind_down()
        finally:
            self._leave()

    def _place(self) -> None:
        """Wait for an instance that has room; there is always room on Fargate."""
        if self.task.fargate:
            return
        placement.place(wish(self._hall, self.task), self._got, self._unplaced)
        self._placed.wait()

    def _got(self, found: placement.Place) -> None:
        self.task.instance_arn = found.container_instance_arn
        self._placed.set()

    def _unplaced(self, code: str, reason: str) -> None:
        self.stop(code, reason)

    def _prepare(self) -> None:
        """Everything that can go wrong before a container starts."""
        said, hall = self.task, self._hall
        if said.definition["networkMode"] == AWSVPC:
            said.interface = network.attach(hall.client, said.network, said.arn, str(uuid4()))
            unreached = reach.trouble(hall.client, said.network) if said.fargate else ""
            if unreached:
                raise CannotStartError(unreached)
        self._become(task.PENDING)
        declared = [one.said for one in said.containers]
        around = Surroundings(
            folder=self._folder,
            volumes=volumes(said.definition, self._folder),
            ports={port: free_port() for port in declared_ports(declared)},
            fargate=said.fargate,
        )
        overrides = {one["name"]: one for one in said.overrides.get("containerOverrides") or ()}
        for one in said.containers:
            launch = launched(hall, one.said, overrides.get(one.name, {}), around)
            logs = Awslogs.of(one.said, hall.place.account, hall.place.region, said.id)
            self._launches[one.name] = launch, logs

    def _work(self) -> None:
        """Start what may start and notice what ends, until the task is to end."""
        while self.task.live and not self._hall.closed:
            for one in self.task.containers:
                if one.look():
                    self._remember(one)
            if any(one.essential and one.ended for one in self.task.containers):
                self.stop(ESSENTIAL, ESSENTIAL_ENDED)
                return
            self._start_ready()
            if self.task.status == task.PENDING and all(one.began is not None for one in self.task.containers):
                self.task.started_at = time.time()
                self._become(task.RUNNING)
            self.task.prove(self._hall.limits.steady_seconds)
            self._wake.wait(self._hall.limits.step_seconds)

    def _start_ready(self) -> None:
        standings = {one.name: one.standing for one in self.task.containers}
        for one in self.task.containers:
            if one.began is not None or not self.task.live:
                continue
            blocking = dependency.in_the_way(one.name, self._needs, standings) or self._too_slow(one)
            if blocking:
                one.reason = f"dependency graph: container ordering dependency [{blocking}] has failed"
                raise CannotStartError(NOT_STARTED)
            if dependency.startable(one.name, self._needs, standings):
                launch, logs = self._launches[one.name]
                one.start(launch, logs, self._hall.limits.health_seconds)
                self._remember(one)

    def _too_slow(self, waiting: Container) -> str:
        """The container for which another has waited longer than its start may take."""
        by_name = {one.name: one for one in self.task.containers}
        for need in self._needs[waiting.name]:
            other = by_name[need.container]
            limit_s = other.said.get("startTimeout")
            late = limit_s and other.began is not None and time.monotonic() - other.began > limit_s
            if late and not dependency.met(need, other.standing):
                return other.name
        return ""

    def _wind_down(self) -> None:
        """Ask the containers to end, those first on which none depends."""
        if any(one.running for one in self.task.containers):
            self._become(task.STOPPING)
        while not self._hall.closed and any(one.running for one in self.task.containers):
            standings = {one.name: one.standing for one in self.task.containers}
            left_s = self._deadline - time.monotonic()
            for one in self.task.containers:
                if left_s <= 0 or dependency.endable(one.name, self._needs, standings):
                    one.wind_down(left_s)
                if one.look() or (one.ended and standings[one.name].ended is False):
                    self._remember(one)
            time.sleep(self._hall.limits.step_seconds)

    def _leave(self) -> None:
        """Give back what it had."""
        self.task.executed_until = time.time() if self.task.started_at else None
        if not self.task.fargate:
            placement.release(self.task.arn)
        if self.task.interface is not None and not self._hall.closed:
            network.detach(self._hall.client, self.task.interface)
        rmtree(self._folder, ignore_errors=True)
        self.task.stopped_at = time.time()
        self._become(task.STOPPED)

    def _become(self, status: str) -> None:
        self.task.status = status
        self.task.version += 1
        self._changed(self.task)

    def _remember(self, one: Container) -> None:
        pid = one.process.pid if one.process and one.running else None
        self._hall.report.container(f"{self.task.id}/{one.name}", self.task.group, str(one.said["image"]), pid)
