"""Keeps services as they are wanted: starts and stops tasks, and judges deployments, in a thread."""

import time
from collections.abc import Callable, Iterable
from threading import Thread

from mlstack.local.ecs import event, rollout, target, task
from mlstack.local.ecs.deployment import COMPLETED, FAILED, IN_PROGRESS, Deployment
from mlstack.local.ecs.failure import UnplacedError, UntrustedError
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.health import UNHEALTHY
from mlstack.local.ecs.rollout import Count
from mlstack.local.ecs.service_record import DRAINING, INACTIVE, Service
from mlstack.local.ecs.task import Task
from mlstack.local.ecs.tasks import Tasks
from mlstack.local.json_service import Json

BY_SCHEDULER = "ServiceSchedulerInitiated"
UNWELL = "Task failed container health checks"
ACTIVITY = "Scaling activity initiated by (deployment {id})"
NOT_ITS_FAULT = frozenset(
    {"UserInitiated", BY_SCHEDULER, "SpotInterruption", "TerminationNotice", "InfrastructureHealth"}
)
FAILING = "ECS deployment circuit breaker: tasks failed to start."
ROLLING_BACK = "ECS deployment circuit breaker: rolling back to deploymentId {id}."
UNSTARTED = {
    UnplacedError: "was unable to place a task. Reason: {why}.",
    UntrustedError: "failed to launch a task with (error {why}).",
}
TagsOf = Callable[[Service, Deployment], list[Json]]


class Scheduler:
    """Looks at every service again and again."""

    def __init__(self, hall: Hall, tasks: Tasks, services: Callable[[], Iterable[Service]], tags: TagsOf) -> None:
        self._hall = hall
        self._tasks = tasks
        self._services = services
        self._tags = tags
        self._thread = Thread(target=self._keep, name="ecs scheduler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def look(self, service: Service) -> None:
        """Do what is next for one service."""
        if service.status == INACTIVE:
            return
        tasks = [one for one in self._tasks.of(service.cluster) if one.group == service.group]
        self._balance(service, tasks)
        if service.status == DRAINING:
            self._drain(service, tasks)
            return
        for deployment in list(service.deployments):
            self._judge(deployment, [one for one in tasks if one.started_by == deployment.id])
        self._break(service)
        self._step(service, tasks)
        self._complete(service, tasks)

    def _keep(self) -> None:
        while not self._hall.closed:
            for service in self._services():
                try:
                    with self._hall.lock:
                        self.look(service)
                except Exception as error:  # noqa: BLE001 - the next look may do better; the report tells
                    self._hall.report.fault(f"service {service.arn}: {error!r}")
            time.sleep(self._hall.limits.step_seconds)

    def _judge(self, deployment: Deployment, tasks: Iterable[Task]) -> None:
        """Count the tasks that failed one after the other; one that is well ends the row."""
        for one in tasks:
            if one.proved and one.arn not in deployment.seen_proved:
                deployment.seen_proved.add(one.arn)
                deployment.failed = 0
            if one.live and one.health == UNHEALTHY:
                self._tasks.stop(one.arn, BY_SCHEDULER, UNWELL)
            ended = not one.live and one.arn not in deployment.seen_ended
            if not ended:
                continue
            deployment.seen_ended.add(one.arn)
            unwell = one.stopped_reason == UNWELL
            if unwell or (one.stop_code not in NOT_ITS_FAULT and not one.proved):
                deployment.failed += 1
            elif one.stop_code in NOT_ITS_FAULT:
                continue
            pause = rollout.pause_s(max(1, deployment.failed), self._hall.limits.retry_seconds)
            deployment.not_before = time.monotonic() + pause

    def _break(self, service: Service) -> None:
        """Give a deployment up that fails and fails."""
        failing = service.primary
        allowed = rollout.failures_allowed(service.desired)
        if failing.state != IN_PROGRESS or failing.failed < allowed:
            return
        if not service.breaks:
            if not service.struggling:
                service.tell("is unable to consistently start tasks successfully.")
            service.struggling = True
            return
        failing.become(FAILED, FAILING)
        service.tell(f"(deployment {failing.id}) deployment failed: tasks failed to start.")
        event.deployment_changed(service.arn, failing.id, "SERVICE_DEPLOYMENT_FAILED", FAILING)
        if service.rolls_back and service.good is not None and service.good is not failing:
            good = service.good
            good.failed = 0
            good.become(IN_PROGRESS, ROLLING_BACK.format(id=good.id))
            service.said = {**service.said, **good.asked}
            service.replace(good)
            service.tell(f"rolling back to deployment {good.id}.")

    def _step(self, service: Service, tasks: list[Task]) -> None:
        primary = service.primary
        new = [one for one in tasks if one.live and one.started_by == primary.id]
        old = [one for one in tasks if one.live and one.started_by != primary.id]
        step = rollout.step(service.wanted, _count(new), _count(old))
        self._stop(service, primary, _first_to_go(new)[: step.stop_new])
        self._stop(service, primary, _first_to_go(old)[: step.stop_old])
        if primary.state != FAILED and time.monotonic() >= primary.not_before and step.start:
            self._start(service, primary, step.start)

    def _start(self, service: Service, deployment: Deployment, count: int) -> None:
        tags = self._tags(service, deployment)
        more = {"group": service.group, "started_by": deployment.id, "tags": tags}
        made: list[Task] = []
        service.steady = False
        for _ in range(count):
            try:
                made.append(self._tasks.launch(deployment.order, **more))
            except (UnplacedError, UntrustedError) as error:
                deployment.failed += 1
                pause = rollout.pause_s(deployment.failed, self._hall.limits.retry_seconds)
                deployment.not_before = time.monotonic() + pause
                service.tell(UNSTARTED[type(error)].format(why=error))
                break
        if made:
            service.tell(f"has started {len(made)} tasks: {_named(made)}.")

    def _stop(self, service: Service, deployment: Deployment, doomed: list[Task]) -> None:
        for one in doomed:
            self._tasks.stop(one.arn, BY_SCHEDULER, ACTIVITY.format(id=deployment.id))
        if doomed:
            service.steady = False
            service.tell(f"has stopped {len(doomed)} running tasks: {_named(doomed)}.")

    def _complete(self, service: Service, tasks: list[Task]) -> None:
        primary = service.primary
        new = [one for one in tasks if one.live and one.started_by == primary.id]
        others = sum(one.status != task.STOPPED for one in tasks if one not in new)
        settled = Count(live=len(new), well=sum(one.well and one.proved for one in new))
        if not rollout.done(service.wanted, settled, others):
            return
        service.struggling = False
        if primary.state == IN_PROGRESS:
            primary.become(COMPLETED, f"ECS deployment {primary.id} completed.")
            service.tell(f"(deployment {primary.id}) deployment completed.")
            event.deployment_changed(service.arn, primary.id, "SERVICE_DEPLOYMENT_COMPLETED", primary.reason)
        if primary.state == COMPLETED:
            service.good, service.deployments = primary, [primary]
        if not service.steady:
            service.steady = True
            service.tell("has reached a steady state.")

    def _drain(self, service: Service, tasks: list[Task]) -> None:
        self._stop(service, service.primary, [one for one in tasks if one.live])
        if all(one.status == task.STOPPED for one in tasks):
            service.status = INACTIVE

    def _balance(self, service: Service, tasks: list[Task]) -> None:
        """Tell the load balancers who can be asked."""
        balancers = service.said.get("loadBalancers") or []
        for one in tasks:
            if one.live and one.status == task.RUNNING and one.arn not in service.targets:
                service.targets.add(one.arn)
                target.register(self._hall.client, balancers, one)
            elif not one.live and one.arn in service.targets:
                service.targets.discard(one.arn)
                target.deregister(self._hall.client, balancers, one)


def _count(tasks: list[Task]) -> Count:
    return Count(live=len(tasks), well=sum(one.well for one in tasks))


def _first_to_go(tasks: list[Task]) -> list[Task]:
    """Those that are not well before those that are, the youngest first."""
    return sorted(tasks, key=lambda one: (one.well, -one.created_at))


def _named(tasks: Iterable[Task]) -> str:
    return " ".join(f"(task {one.id})" for one in tasks)
