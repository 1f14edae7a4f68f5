"""SageMaker's instance types (`ml.*`): what they can be asked for, and what matters about their hardware.

instance_types.json is written by `scripts/instance_types.py` from botocore's enumerations and EC2's own description
of the same hardware. A type that is there need not be offered in every region.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from catalogue.closed import ELASTIC_INFERENCE
from catalogue.spelling import meant

Accelerator = Literal["none", "gpu", "neuron", "gaudi", "elastic-inference"]
Use = Literal["hosting", "notebook", "training", "transform", "processing", "studio", "cluster", "accelerator"]

_MIB_PER_GIB = 1024
# EC2 describes none of these in any region any more; P2 and P3 still stand in SageMaker's enumerations.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-regions.html (November 2026)
_RETIRED: Mapping[str, str] = {
    "dl1": "EC2 offers DL1 in no region any more; use ml.g6 or ml.trn1",
    "p2": "EC2 offers P2 in no region any more; use ml.g4dn or ml.g5",
    "p3": "EC2 offers P3 in no region any more; use ml.g5 or ml.g6",
    "eia1": f"Elastic Inference ended on {ELASTIC_INFERENCE.since}; {ELASTIC_INFERENCE.successor}",
    "eia2": f"Elastic Inference ended on {ELASTIC_INFERENCE.since}; {ELASTIC_INFERENCE.successor}",
}


class UnknownInstanceTypeError(ValueError):
    """SageMaker has no such instance type; the message is one line that names the nearest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstanceType:
    """One size of one family."""

    name: str
    family: str
    """Without ml., such as g4dn."""
    size: str
    processor: Literal["x86_64", "arm64"] | None
    """Which images run on it; None for an accelerator that is attached to another instance."""
    accelerator: Accelerator
    burstable: bool
    """Slower than its vCPUs say once its credits are used up; SageMaker scales no endpoint on it."""
    local_storage: bool
    """NVMe disks of its own, instead of which SageMaker gives no EBS: it refuses VolumeSizeInGB for an endpoint, and a
    key of yours does not encrypt them (they are encrypted by the hardware)."""
    uses: frozenset[Use]
    """What SageMaker's API takes it for."""
    vcpus: int | None
    memory_gib: float | None
    gpus: int
    gpu_memory_gib: float | None
    """Of each GPU; None where there is none, or nobody knows."""
    retired: str | None
    """Why it can no longer be had, and what to use instead; None where it can."""


@cache
def instance_types() -> Mapping[str, InstanceType]:
    """Every type by its name."""
    document = json.loads(Path(__file__).with_name("instance_types.json").read_text(encoding="utf-8"))
    families: Mapping[str, dict[str, Any]] = document["families"]
    found = [_read(family, traits, size) for family, traits in families.items() for size in traits["sizes"]]
    return {one.name: one for one in found}


def instance_type(text: str) -> InstanceType:
    """The type of a name such as ml.m5.large; raise UnknownInstanceTypeError where SageMaker has none."""
    found = instance_types().get(text)
    if found is None:
        whole = text if text.casefold().startswith("ml.") else f"ml.{text}"
        hint = meant(whole, instance_types(), "name one such as ml.m5.large")
        message = f"{text[:80]!r} is no SageMaker instance type; {hint}"
        raise UnknownInstanceTypeError(message)
    return found


def _read(family: str, traits: dict[str, Any], size: str) -> InstanceType:
    numbers = traits["sizes"][size]
    return InstanceType(
        name=f"ml.{family}.{size}",
        family=family,
        size=size,
        processor=traits["processor"],
        accelerator=traits["accelerator"],
        burstable=traits["burstable"],
        local_storage=traits["local_storage"],
        uses=frozenset(numbers["uses"]),
        vcpus=numbers.get("vcpus"),
        memory_gib=_gib(numbers.get("memory_mib")),
        gpus=numbers.get("gpus", 0),
        gpu_memory_gib=_gib(numbers.get("gpu_memory_mib")),
        retired=_RETIRED.get(family),
    )


def _gib(mib: int | None) -> float | None:
    return None if mib is None else mib / _MIB_PER_GIB
