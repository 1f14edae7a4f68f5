"""A production variant of an endpoint: how much of it there is, and the workload that answers for it."""

from collections.abc import Callable
from dataclasses import dataclass

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.workload import Workload


@dataclass(kw_only=True)
class Variant:
    """One variant; without a workload it carries inference components."""

    said: Json
    workload: Workload | None
    weight: float
    count: int

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.said["VariantName"])

    @property
    def serverless(self) -> Json | None:
        """Its serverless settings, if it has them."""
        found: Json | None = self.said.get("ServerlessConfig")
        return found

    @property
    def works(self) -> bool:
        """Whether there is anything that could answer."""
        return self.workload is not None and (self.serverless is not None or self.count > 0)

    def told(self) -> Json:
        """As an endpoint's description has it."""
        said: Json = {"VariantName": self.name, "CurrentWeight": self.weight, "DesiredWeight": self.weight}
        if self.workload is not None:
            said["DeployedImages"] = [{"SpecifiedImage": self.workload.what, "ResolvedImage": self.workload.what}]
        for name in ("ManagedInstanceScaling", "RoutingConfig"):
            if name in self.said:
                said[name] = self.said[name]
        if self.serverless is not None:
            return {**said, "CurrentServerlessConfig": self.serverless, "DesiredServerlessConfig": self.serverless}
        return {**said, "CurrentInstanceCount": self.count, "DesiredInstanceCount": self.count}


def variants(config: Json, workload: Callable[[Json], Workload | None]) -> list[Variant]:
    """The variants of a configuration, with what ``workload`` makes for each."""
    return [
        Variant(
            said=said,
            workload=workload(said),
            weight=float(said.get("InitialVariantWeight", 1.0)),
            count=int(said.get("InitialInstanceCount", 0)),
        )
        for said in config["ProductionVariants"]
    ]
