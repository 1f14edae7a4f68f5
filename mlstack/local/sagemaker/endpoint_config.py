"""Endpoint configurations: never changed once they are made, and checked when they are."""

from mlstack.local.environment import Place
from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hosting import faults
from mlstack.local.sagemaker.model import Models
from mlstack.local.sagemaker.registry import INVALID, Record, Registry, listing


class EndpointConfigs:
    """The configurations of one account and region."""

    def __init__(self, place: Place, models: Models) -> None:
        self.kept: Registry[Record] = Registry(place, "endpoint-config", "endpoint configuration")
        self._models = models

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {
            "CreateEndpointConfig": self._create,
            "DeleteEndpointConfig": lambda asked: self.kept.remove(asked["EndpointConfigName"]),
            "DescribeEndpointConfig": lambda asked: _told(self.kept.get(asked["EndpointConfigName"])),
            "ListEndpointConfigs": lambda asked: listing(iter(self.kept), asked, _summary, "EndpointConfigs"),
        }

    def _create(self, asked: Json) -> Json:
        variants = [*asked["ProductionVariants"], *asked.get("ShadowProductionVariants", [])]
        names = [variant["ModelName"] for variant in variants if variant.get("ModelName")]
        models = {name: self._models.kept.get(name).said for name in names}
        isolated = frozenset(name for name, said in models.items() if said.get("EnableNetworkIsolation"))
        in_network = frozenset(name for name, said in models.items() if said.get("VpcConfig"))
        for fault in faults(asked, isolated, in_network):
            raise ServiceError(INVALID, fault)
        name = asked["EndpointConfigName"]
        made = self.kept.add(Record(name=name, arn=self.kept.arn(name), said=asked))
        return {"EndpointConfigArn": made.arn}


def _told(config: Record) -> Json:
    said = {name: value for name, value in config.said.items() if name != "Tags"}
    return {**said, "EndpointConfigArn": config.arn, "CreationTime": config.created}


def _summary(config: Record) -> Json:
    return {"EndpointConfigName": config.name, "EndpointConfigArn": config.arn, "CreationTime": config.created}
