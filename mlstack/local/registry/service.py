"""The operations of ECR that are answered here; all others are moto's."""

from mlstack.local.environment import Place
from mlstack.local.json_service import JsonService
from mlstack.local.registry.creation_template import CreationTemplates
from mlstack.local.registry.pull_through import INVALID, PullThrough

TARGET = "AmazonEC2ContainerRegistry_V20150921."


def service(place: Place) -> JsonService:
    """Those of one account and region."""
    return JsonService(
        name="ecr",
        target=TARGET,
        invalid=INVALID,
        answers={**PullThrough(place).answers(), **CreationTemplates(place).answers()},
    )
