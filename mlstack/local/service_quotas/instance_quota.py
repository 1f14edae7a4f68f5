"""SageMaker's quotas by their names, as AWS writes them, with the small values that a new account has."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache

from mlstack.local import service_model

ROUTE = "/_mlstack/service-quotas"
"""Where those that a test has set are read (GET) and set (POST, by name; null for the default)."""
USES = {
    "training job": "TrainingInstanceType",
    "spot training job": "TrainingInstanceType",
    "processing job": "ProcessingInstanceType",
    "transform job": "TransformInstanceType",
    "endpoint": "ProductionVariantInstanceType",
    "notebook instance": "InstanceType",
}
"""What an instance is used for, and botocore's list of the types that can be."""
INSTANCES = {"medium": 4.0, "large": 4.0, "xlarge": 4.0, "2xlarge": 2.0, "4xlarge": 1.0}
"""Of general families by size; whatever is larger an account asks for first."""
GENERAL, GPU = re.compile(r"[cmrt]\d"), re.compile(r"g\d")
GPU_INSTANCES = {"xlarge": 1.0, "2xlarge": 1.0}
"""A new account has none and asks for them; here one of the small ones lets a profile with GPUs be tried."""


@cache
def defaults() -> dict[str, float]:
    """The value of each quota by its name."""
    return dict(_defaults())


def quota_name(instance_type: str, use: str) -> str:
    """How AWS calls the quota of an instance type."""
    return f"{instance_type} for {use} usage"


def code(name: str) -> str:
    """A code that stays the same; AWS's own codes are as meaningless."""
    return f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"


def _defaults() -> Iterator[tuple[str, float]]:
    for use, shape in USES.items():
        for instance_type in service_model.model("sagemaker").shape_for(shape).metadata["enum"]:
            _, family, size = instance_type.split(".")
            sizes = INSTANCES if GENERAL.match(family) else GPU_INSTANCES if GPU.match(family) else {}
            yield quota_name(instance_type, use), sizes.get(size, 0.0)
