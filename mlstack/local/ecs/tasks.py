"""Tasks: run, stopped, told of."""

import time
from collections import Counter
from threading import Thread
from typing import Any
from uuid import uuid4

from mlstack.local.capacity import placement
from mlstack.local.ecs import cluster, event, role, task
from mlstack.local.ecs.container import Container
from mlstack.local.ecs.definition import Definitions
from mlstack.local.ecs.failure import UnplacedError, UntrustedError
from mlstack.local.ecs.hall import Hall, named
from mlstack.local.ecs.order import Order, check_overrides
from mlstack.local.ecs.page import page
from mlstack.local.ecs.refusal import client, invalid
from mlstack.local.ecs.run import Run
from mlstack.local.ecs.strategy import choose
from mlstack.local.ecs.task import Task
from mlstack.local.ecs.wish import wish
from mlstack.local.json_service import Answer, Json

REMEMBERED_S = 3600.0
"""How long ECS tells of a task that has stopped."""
MOST_AT_ONCE = 10
MOST_DESCRIBED = 100
RESERVED = "Invalid namespace for group."
BY_USER = "Task stopped by user"


class Tasks:
    """Every task of one account and region."""

    def __init__(self, hall: Hall, definitions: Definitions) -> None:
        self._hall = hall
        self._definitions = definitions
        self._runs: dict[str, Run] = {}
        self._tokens: dict[str, list[Task]] = {}

    def answers(self) -> dict[str, Answer]:
        """Its operations."""
        return {
            "DescribeTasks": self._describe,
            "ListTasks": self._list,
            "RunTask": self._run,
            "StopTask": self._stop,
        }

    def of(self, cluster_name: str) -> list[Task]:
        """The tasks of a cluster, those too that stopped a short while ago."""
        return [run.task for run in self._known() if run.task.cluster == cluster_name]

    def runs(self) -> list[Run]:
        """Everything that has not stopped."""
        return [run for run in self._known() if run.task.status != task.STOPPED]

    def launch(self, order: Order, **more: Any) -> Task:  # noqa: ANN401 - what is different from task to task
        """Run one task, of which ``more`` are fields.

        UntrustedError where ECS cannot take its roles, UnplacedError where nothing will make room for it.
        """
        untrusted = role.complaint(self._hall.place.account, order.definition, more.get("overrides") or {})
        if untrusted:
            raise UntrustedError(untrusted)
        with self._hall.lock:
            made = self._made(order, **more)
            refused = "" if made.fargate else placement.refusal(wish(self._hall, made))
            if refused:
                raise UnplacedError(refused)
            run = Run(self._hall, made, self._changed)
            self._runs[made.arn] = run
        event.task_changed(made)
        run.start()
        return made

    def stop(self, arn: str, code: str, reason: str) -> None:
        """Stop one."""
        self._runs[arn].stop(code, reason)

    def close(self) -> None:
        """End every process."""
        threads = [Thread(target=run.close, daemon=True) for run in self.runs()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=2)

    def find(self, reference: str, cluster_name: str | None = None) -> Run | None:
        """A task by its id or ARN."""
        wanted = reference.rpartition("/")[2]
        return next(
            (one for one in self._known() if one.task.id == wanted and cluster_name in {None, one.task.cluster}), None
        )

    def tagged(self, arn: str) -> Task | None:
        """A task by its ARN."""
        found = self._runs.get(arn)
        return found.task if found else None

    def _known(self) -> list[Run]:
        oldest = time.time() - REMEMBERED_S
        with self._hall.lock:
            for arn, run in list(self._runs.items()):
                if run.task.stopped_at is not None and run.task.stopped_at < oldest:
                    del self._runs[arn]
            return list(self._runs.values())

    def _made(self, order: Order, **more: Any) -> Task:  # noqa: ANN401 - as above
        name, identity = order.cluster.name, uuid4().hex
        arn = self._hall.arn("task", name, identity)
        containers = [
            Container(one, self._hall.arn("container", name, identity, str(uuid4())), arn)
            for one in order.definition["containerDefinitions"]
        ]
        provider = ""
        if order.strategy:
            group = more["group"]
            counts = Counter(
                run.task.provider for run in self._runs.values() if run.task.live and run.task.group == group
            )
            provider = choose(order.strategy, counts)
        return Task(
            arn=arn,
            cluster=name,
            cluster_arn=order.cluster.arn,
            definition=order.definition,
            containers=containers,
            launch_type=order.launch_type,
            provider=provider,
            network=order.network,
            platform=order.platform,
            execute_command=order.execute_command,
            **more,
        )

    def _run(self, asked: Json) -> Json:
        count, token = int(asked.get("count", 1)), asked.get("clientToken")
        if not 1 <= count <= MOST_AT_ONCE:
            message = f"count is between 1 and {MOST_AT_ONCE}"
            raise invalid(message)
        if str(asked.get("group", "")).startswith("service:"):
            raise invalid(RESERVED)
        if token in self._tokens:
            return {"tasks": [one.told() for one in self._tokens[token]], "failures": []}
        where = cluster.find(self._hall, asked.get("cluster"))
        definition = self._definitions.runnable(asked["taskDefinition"])
        check_overrides(asked.get("overrides") or {}, definition)
        order = Order.of(asked, where, definition, self._hall)
        more = {
            "group": asked.get("group") or f"family:{definition['family']}",
            "started_by": asked.get("startedBy", ""),
            "overrides": asked.get("overrides") or {},
            "tags": self._tags(asked, definition, where.name),
        }
        made: list[Task] = []
        failures: list[Json] = []
        for _ in range(count):
            try:
                made.append(self.launch(order, **more))
            except UntrustedError as error:
                raise client(str(error)) from error
            except UnplacedError as error:
                failures.append({"arn": where.arn, "reason": str(error)})
        if token:
            self._tokens[token] = made
        return {"tasks": [one.told() for one in made], "failures": failures}

    def _tags(self, asked: Json, definition: Json, cluster_name: str) -> list[Json]:
        found = {one["key"]: one for one in asked.get("tags") or ()}
        if asked.get("propagateTags") == "TASK_DEFINITION":
            of_definition = self._definitions.tags(definition["taskDefinitionArn"]) or ()
            found = {one["key"]: one for one in of_definition} | found
        if asked.get("enableECSManagedTags"):
            found["aws:ecs:clusterName"] = {"key": "aws:ecs:clusterName", "value": cluster_name}
        return list(found.values())

    def _stop(self, asked: Json) -> Json:
        where = cluster.find(self._hall, asked.get("cluster"))
        run = self.find(asked["task"], where.name)
        if run is None:
            message = "The referenced task was not found."
            raise invalid(message)
        run.stop("UserInitiated", asked.get("reason") or BY_USER)
        return {"task": run.task.told()}

    def _describe(self, asked: Json) -> Json:
        where = cluster.find(self._hall, asked.get("cluster"))
        if not 1 <= len(asked["tasks"]) <= MOST_DESCRIBED:
            message = f"Tasks cannot be empty, nor more than {MOST_DESCRIBED}."
            raise invalid(message)
        found = {reference: self.find(reference, where.name) for reference in asked["tasks"]}
        missing = [self._hall.arn("task", where.name, named(one)) for one, run in found.items() if run is None]
        told = [run.task.told() for run in found.values() if run is not None]
        if "TAGS" not in asked.get("include", ()):
            told = [{name: value for name, value in one.items() if name != "tags"} for one in told]
        return {"tasks": told, "failures": [{"arn": arn, "reason": "MISSING"} for arn in missing]}

    def _list(self, asked: Json) -> Json:
        where = cluster.find(self._hall, asked.get("cluster"))
        wanted = {
            "desired": asked.get("desiredStatus", task.RUNNING),
            "started_by": asked.get("startedBy"),
            "launch_type": asked.get("launchType"),
            "group": f"service:{named(asked['serviceName'])}" if asked.get("serviceName") else None,
        }
        found = [
            one.arn
            for one in self.of(where.name)
            if all(value is None or getattr(one, name) == value for name, value in wanted.items())
            and asked.get("family") in {None, one.definition["family"]}
            and _is_on(one, asked.get("containerInstance"))
        ]
        return page("taskArns", found, asked)

    def _changed(self, changed: Task) -> None:
        event.task_changed(changed)
        name = f"{changed.definition['family']}/{changed.id}"
        self._hall.report.job(name, "task", status=changed.stop_code or changed.status, why=changed.stopped_reason)


def _is_on(one: Task, instance: str | None) -> bool:
    return instance is None or named(one.instance_arn) == named(instance)
