"""Variants that Application Auto Scaling scales: their instance type stays while it does."""

from typing import Any

from mlstack.local.json_service import Json, ServiceError
from mlstack.local.sagemaker.registry import INVALID

Client = Any
SCALED = (
    "The instance type of the variants {names} of endpoint {endpoint} cannot change while they are registered with "
    "Application Auto Scaling; deregister them as scalable targets first."
)


def check(endpoint: str, before: Json, after: Json, scaling: Client) -> None:
    """Raise ServiceError where a configuration changes the instance type of a variant that is a scalable target."""
    types = {one["VariantName"]: one.get("InstanceType") for one in before["ProductionVariants"]}
    changed = [
        one["VariantName"]
        for one in after["ProductionVariants"]
        if one.get("InstanceType") != types.get(one["VariantName"], one.get("InstanceType"))
    ]
    resources = {f"endpoint/{endpoint}/variant/{name}": name for name in changed}
    if not resources:
        return
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=list(resources))
    if names := sorted({resources[one["ResourceId"]] for one in found["ScalableTargets"]}):
        raise ServiceError(INVALID, SCALED.format(names=", ".join(names), endpoint=endpoint))
