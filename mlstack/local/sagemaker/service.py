"""SageMaker's door: what is ours of its control plane and its runtime, put together."""

from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import rmtree
from typing import Any

from mlstack.local.container.image import Images
from mlstack.local.environment import Place
from mlstack.local.json_service import Json, JsonService, ServiceError
from mlstack.local.report import Report
from mlstack.local.sagemaker import door
from mlstack.local.sagemaker.asynchronous import Asynchronous
from mlstack.local.sagemaker.component import Components
from mlstack.local.sagemaker.endpoint import Endpoints
from mlstack.local.sagemaker.endpoint_config import EndpointConfigs
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.invocation import Invocations
from mlstack.local.sagemaker.job.compilation import Compilations
from mlstack.local.sagemaker.job.processing import Processings
from mlstack.local.sagemaker.job.training import Trainings
from mlstack.local.sagemaker.job.transform import Transforms
from mlstack.local.sagemaker.job.tuning import Tunings
from mlstack.local.sagemaker.model import Models
from mlstack.local.sagemaker.notebook import Notebooks
from mlstack.local.sagemaker.registry import INVALID, Record, Registry
from mlstack.local.sagemaker.setting import lifecycles, repositories

Client = Callable[[str], Any]
TARGET = "SageMaker."
TAGGING = frozenset({"AddTags", "DeleteTags", "ListTags"})


class SageMaker:
    """Notebooks, endpoints and jobs of one account and region."""

    def __init__(self, place: Place, folder: Path, images: Images, client: Client, report: Report) -> None:
        for scratch in ("containers", "jobs"):
            rmtree(folder / scratch, ignore_errors=True)  # of a server that was killed
        self.hall = Hall(place=place, folder=folder, images=images, client=client, report=report)
        models = Models(place, client)
        configs = EndpointConfigs(place, models)
        endpoints = Endpoints(self.hall, models, configs)
        components = Components(self.hall, models, endpoints)
        settings = (lifecycles(place), repositories(place))
        notebooks = Notebooks(place, settings[0].kept)
        trainings = Trainings(self.hall)
        jobs = (trainings, Tunings(self.hall, trainings), Processings(self.hall), Compilations(self.hall))
        parts = (models, configs, endpoints, components, notebooks, *settings, *jobs, Transforms(self.hall, models))
        self._registries: tuple[Registry[Any], ...] = tuple(part.kept for part in parts)
        invocations = Invocations(self.hall, endpoints, components, self._scales)
        asynchronous = Asynchronous(self.hall, endpoints, invocations, self._scales)
        self._ask = {False: invocations.invoke, True: asynchronous.invoke}
        tagging = {"AddTags": self._tag, "DeleteTags": self._untag, "ListTags": self._tags}
        self.service = JsonService(
            name="sagemaker",
            target=TARGET,
            invalid=INVALID,
            answers={**tagging, **{name: answer for part in parts for name, answer in part.answers().items()}},
            passes=self._is_motos,
        )

    def ask(self, asked: door.Asked) -> door.Answer:
        """A request to an endpoint."""
        return door.answer(asked, self._ask[asked.asynchronous])

    def close(self) -> None:
        """End every container."""
        self.hall.close()

    def _is_motos(self, operation: str, asked: Json) -> bool:
        """Whether a request is about the tags of something that moto keeps."""
        return operation in TAGGING and not any(
            str(asked.get("ResourceArn", "")).startswith(registry.arn("")) for registry in self._registries
        )

    def _tagged(self, arn: str) -> Record:
        everywhere: Iterable[Record | None] = (registry.by_arn(arn) for registry in self._registries)
        found = next((record for record in everywhere if record is not None), None)
        if found is None:
            raise ServiceError(INVALID, f'Could not find "{arn}".')
        return found

    def _tag(self, asked: Json) -> Json:
        record = self._tagged(asked["ResourceArn"])
        record.tags |= {tag["Key"]: tag["Value"] for tag in asked["Tags"]}
        return {"Tags": _told(record.tags)}

    def _untag(self, asked: Json) -> None:
        record = self._tagged(asked["ResourceArn"])
        record.tags = {name: value for name, value in record.tags.items() if name not in asked["TagKeys"]}

    def _tags(self, asked: Json) -> Json:
        return {"Tags": _told(self._tagged(asked["ResourceArn"]).tags)}

    def _scales(self, resource: str, dimension: str) -> bool:
        """Whether somebody registered the resource to scale, and to more than nothing."""
        found: Iterable[Json] = self.hall.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=[resource], ScalableDimension=dimension
        )["ScalableTargets"]
        return any(target["MaxCapacity"] > 0 for target in found)


def _told(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in tags.items()]
