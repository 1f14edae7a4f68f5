"""The endpoints of a stage, as the outputs of its stack name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

STACK = "Endpoints"
MIB = 1024 * 1024


class Kind(StrEnum):
    """How an endpoint serves; AWS's limits come with it."""

    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"
    REALTIME = "realtime"
    """With an inference component, so that it can sleep at zero instances."""
    CLASSIC = "classic"

    @property
    def largest_bytes(self) -> int:
        """The largest request that AWS takes."""
        return {Kind.SERVERLESS: 4 * MIB, Kind.ASYNCHRONOUS: 1024 * MIB}.get(self, 25 * MIB)

    @property
    def patience_s(self) -> int:
        """How long to wait for it: one that may sleep at zero instances takes minutes to wake."""
        return 900 if self in {Kind.ASYNCHRONOUS, Kind.REALTIME} else 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One deployed endpoint."""

    name: str
    """As the profile has it."""
    endpoint_name: str
    """As SageMaker has it."""
    kind: Kind
    idle_price: str = ""
    requests: str = ""
    """Where an asynchronous one reads its requests: s3://bucket/prefix/."""

    @property
    def component(self) -> str | None:
        """The inference component that serves, where one does."""
        return self.endpoint_name if self.kind is Kind.REALTIME else None

    @property
    def logs(self) -> str:
        """The log group that its containers write to."""
        if self.component:
            return f"/aws/sagemaker/InferenceComponents/{self.component}"
        return f"/aws/sagemaker/Endpoints/{self.endpoint_name}"


def read(outputs: Mapping[str, str]) -> list[Endpoint]:
    """All endpoints that the outputs of a stack name, by their names; a kind that is not known here is left out."""
    kinds = {kind.value: kind for kind in Kind}
    found = [
        Endpoint(
            name=outputs.get(f"{prefix}Name", outputs[f"{prefix}EndpointName"]),
            endpoint_name=outputs[f"{prefix}EndpointName"],
            kind=kinds[value],
            idle_price=outputs.get(f"{prefix}IdlePrice", ""),
            requests=outputs.get(f"{prefix}Requests", ""),
        )
        for key, value in outputs.items()
        if (prefix := key.removesuffix("Kind")) != key and f"{prefix}EndpointName" in outputs and value in kinds
    ]
    return sorted(found, key=lambda endpoint: endpoint.name)
