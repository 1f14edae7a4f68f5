"""The lines of AMIs that AWS publishes under parameters: Deep Learning AMIs, and those that ECS is made for."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue import dlami

ECS_PREFIX = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"
PREFIXES = ("/aws/service/deeplearning/ami/", ECS_PREFIX)
ECS_NAME = "al2023-ami-ecs-"
"""How the name of each image begins on which ECS's agent is."""
GPU = "-gpu-"
"""What the name of such an image says when its agent tells of GPUs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What AWS goes on building under one parameter."""

    parameter: str
    name: str
    """An image's name, with a place for its date."""
    owner: str
    """AWS's account that publishes it; `amazon` is its alias."""
    processor: str
    root_device: str


def lines() -> Iterator[Line]:
    """Every line."""
    for one in dlami.lines():
        yield Line(
            parameter=one.parameter,
            name=f"Deep Learning {one.flavour} {one.version} AMI ({one.system}) {{date}}",
            owner="898082745236",
            processor=one.processor,
            root_device="/dev/xvda" if one.login == "ec2-user" else "/dev/sda1",
        )
    for folder, name, processor in (
        ("", "hvm", "x86_64"),
        ("arm64/", "hvm", "arm64"),
        ("gpu/", "gpu-hvm", "x86_64"),
    ):
        yield Line(
            parameter=f"{ECS_PREFIX}{folder}recommended/image_id",
            name=f"{ECS_NAME}{name}-2023.0.{{date}}-kernel-6.1-{processor}-ebs",
            owner="591542846629",
            processor=processor,
            root_device="/dev/xvda",
        )
