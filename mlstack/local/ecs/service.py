"""ECS's door: what is ours of it, put together."""

import json
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree
from typing import Any

from mlstack.local.container.image import Images
from mlstack.local.ecs import ending
from mlstack.local.ecs.cluster import Clusters
from mlstack.local.ecs.definition import Definitions
from mlstack.local.ecs.hall import Client, Hall
from mlstack.local.ecs.services import Services
from mlstack.local.ecs.tagging import Tagging
from mlstack.local.ecs.task import SPOT
from mlstack.local.ecs.tasks import Tasks
from mlstack.local.environment import Place
from mlstack.local.json_service import Json, JsonService
from mlstack.local.report import Report

TARGET = "AmazonEC2ContainerServiceV20141113."
INTERRUPTED = "Your Spot Task was interrupted."


class Ecs:
    """Clusters, task definitions, tasks and services of one account and region."""

    def __init__(self, place: Place, folder: Path, images: Images, client: Client, report: Report) -> None:
        rmtree(folder / "tasks", ignore_errors=True)  # of a server that was killed
        self.hall = Hall(place=place, folder=folder, images=images, client=client, report=report)
        definitions = Definitions(self.hall)
        self.tasks = Tasks(self.hall, definitions)
        services = Services(self.hall, definitions, self.tasks)
        clusters = Clusters(self.hall, self.tasks.of, services.active)
        tagging = Tagging(
            definitions.tags,
            lambda arn: found.tags if (found := services.tagged(arn)) else None,
            lambda arn: found.tags if (found := self.tasks.tagged(arn)) else None,
        )
        parts = (clusters, definitions, self.tasks, services, tagging)
        self.service = JsonService(
            name="ecs",
            target=TARGET,
            invalid="InvalidParameterException",
            answers={name: answer for part in parts for name, answer in part.answers().items()},
            passes=tagging.is_motos,
        )
        ending.listen(place.account, place.region, self.tasks)
        services.scheduler.start()

    def changed(self, body: bytes) -> Json:
        """The settings after a request; a Spot task that it names is interrupted. ValueError or TypeError for none."""
        said: Any = json.loads(body or b"{}")
        if not isinstance(said, dict):
            message = "a JSON object is expected"
            raise TypeError(message)
        doomed = said.pop("interrupt", None)
        self.hall.limits = self.hall.limits.changed(said)
        if doomed is not None:
            self._interrupt(str(doomed))
        return asdict(self.hall.limits)

    def close(self) -> None:
        """End every process."""
        self.hall.closed = True
        self.tasks.close()

    def _interrupt(self, reference: str) -> None:
        """Take the capacity of a task of Fargate Spot away, as AWS does whenever it needs it."""
        run = self.tasks.find(reference)
        if run is None or run.task.provider != SPOT or not run.task.live:
            message = f"no task of {SPOT} runs under this id: {reference}"
            raise ValueError(message)
        run.stop("SpotInterruption", INTERRUPTED, limit_s=ending.NOTICE_S)
