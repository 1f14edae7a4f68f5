"""EC2's instance types on which GPU tasks of ECS run: what the ECS-optimized GPU AMI's driver knows.

The AMI of Amazon Linux 2023 has NVIDIA's open driver of the 580 series since 2025-09-16, which begins with Turing
(G4dn) and ends before G7: https://github.com/aws/amazon-ecs-ami/pull/531. Shares of a GPU (G6f) need another driver.
GPUs of a type: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html (November 2026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.ec2_types import ec2_types
from catalogue.spelling import meant

IMAGE_PARAMETER = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
"""Where AWS names the newest AMI, in every region."""
ROOT_DEVICE = "/dev/xvda"
SMALLEST_DISK_GB = 30
"""The AMI's own snapshot: EC2 makes no smaller disk from it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """What a type has for tasks, and for the system."""

    gpus: int
    memory_gb: int


_SIZES: Mapping[str, Host] = {
    "xlarge": Host(gpus=1, memory_gb=16),
    "2xlarge": Host(gpus=1, memory_gb=32),
    "4xlarge": Host(gpus=1, memory_gb=64),
    "8xlarge": Host(gpus=1, memory_gb=128),
    "12xlarge": Host(gpus=4, memory_gb=192),
    "16xlarge": Host(gpus=1, memory_gb=256),
    "24xlarge": Host(gpus=4, memory_gb=384),
    "48xlarge": Host(gpus=8, memory_gb=768),
}
_PLAIN = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_LARGE = (*_PLAIN, "24xlarge", "48xlarge")


def _family(name: str, sizes: Sequence[str], *, memory: int = 1) -> Mapping[str, Host]:
    """The sizes of a family that has so many times the memory of G4dn's, G5's and G6's."""
    return {f"{name}.{size}": Host(gpus=_SIZES[size].gpus, memory_gb=_SIZES[size].memory_gb * memory) for size in sizes}


HOSTS: Mapping[str, Host] = {
    **_family("g4dn", _PLAIN),
    "g4dn.metal": Host(gpus=8, memory_gb=384),
    **_family("g5", _LARGE),
    **_family("g6", _LARGE),
    **_family("gr6", ("4xlarge", "8xlarge"), memory=2),
    **_family("g6e", _LARGE, memory=2),
    "p4d.24xlarge": Host(gpus=8, memory_gb=1152),
    "p4de.24xlarge": Host(gpus=8, memory_gb=1152),
    "p5.4xlarge": Host(gpus=1, memory_gb=256),
    "p5.48xlarge": Host(gpus=8, memory_gb=2048),
    "p5e.48xlarge": Host(gpus=8, memory_gb=2048),
    "p5en.48xlarge": Host(gpus=8, memory_gb=2048),
}
"""Every type that can be used, by its name."""
_UNSUPPORTED: Mapping[str, str] = {
    "g3": "the AMI's driver does not know its M60; use g4dn",
    "g5g": "its processors are Arm's, and the training image is for x86_64; use g5",
    "g6f": "it has a share of a GPU, for which the AMI has no driver; use g6",
    "gr6f": "it has a share of a GPU, for which the AMI has no driver; use gr6",
    "g7": "it needs a newer driver than the AMI's; use g6e",
    "p2": "the AMI's driver does not know its K80; use g4dn",
    "p3": "the AMI's driver does not know its V100; use g5",
    "p6-b200": "nothing says yet that the AMI's driver knows it; use p5en",
    "p6-b300": "nothing says yet that the AMI's driver knows it; use p5en",
}


class EcsHostError(ValueError):
    """No GPU task of ECS runs on this type; the message is one line with the reason and what to use instead."""


def require(name: str) -> None:
    """Raise EcsHostError for a type on which no GPU task runs."""
    if name in HOSTS:
        return
    family = name.partition(".")[0].casefold()
    if reason := _UNSUPPORTED.get(family):
        message = f"no GPU task of ECS runs on {name[:40]}: {reason}"
        raise EcsHostError(message)
    if name in ec2_types():
        message = f"{name} has no GPU of NVIDIA's; name one such as g4dn.xlarge"
        raise EcsHostError(message)
    if name.startswith("ml."):
        message = f"{name[:40]} is a type of SageMaker; EC2's is {name.removeprefix('ml.')[:40]}"
        raise EcsHostError(message)
    hint = meant(name, HOSTS, "name one such as g4dn.xlarge")
    message = f"{name[:40]!r} is no type of EC2 with a GPU that ECS can use; {hint}"
    raise EcsHostError(message)
