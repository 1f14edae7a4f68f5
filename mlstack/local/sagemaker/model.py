"""Models: an image with its data and its variables, checked as CreateModel does."""

from collections.abc import Callable
from typing import Any

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.model_data import ModelDataError, Source
from mlstack.local.sagemaker.registry import INVALID, Record, Registry, listing

Client = Callable[[str], Any]
ONE_OR_SEVERAL = "Exactly one of PrimaryContainer and Containers is needed."
NO_ROLE = "ExecutionRoleArn is needed."


class Models:
    """The models of one account and region."""

    def __init__(self, place: Place, client: Client) -> None:
        self.kept: Registry[Record] = Registry(place, "model", "model")
        self._client = client

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateModel": self._create,
            "DeleteModel": lambda asked: self.kept.remove(asked["ModelName"]),
            "DescribeModel": lambda asked: _told(self.kept.get(asked["ModelName"])),
            "ListModels": lambda asked: listing(iter(self.kept), asked, _summary, "Models"),
        }

    def _create(self, asked: Json) -> Json:
        name, said = asked["ModelName"], containers(asked)
        if bool(asked.get("PrimaryContainer")) == bool(asked.get("Containers")):
            raise ServiceError(INVALID, ONE_OR_SEVERAL)
        if not asked.get("ExecutionRoleArn"):
            raise ServiceError(INVALID, NO_ROLE)
        for container in said:
            if not container.get("Image") and not container.get("ModelPackageName"):
                raise ServiceError(INVALID, "A container needs an Image or a ModelPackageName.")
            try:
                source = Source.of(container)
                if source is not None:
                    source.check(self._client)
            except ModelDataError as error:
                raise ServiceError(INVALID, str(error)) from error
        made = self.kept.add(Record(name=name, arn=self.kept.arn(name), said=asked))
        return {"ModelArn": made.arn}


def containers(said: Json) -> list[Json]:
    """A model's containers, one or several."""
    return [said["PrimaryContainer"]] if said.get("PrimaryContainer") else list(said.get("Containers", []))


def _told(model: Record) -> Json:
    said = {name: value for name, value in model.said.items() if name != "Tags"}
    return {"EnableNetworkIsolation": False, **said, "ModelArn": model.arn, "CreationTime": model.created}


def _summary(model: Record) -> Json:
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}
