"""EC2's instance types on which a Deep Learning AMI runs: those with a GPU that its driver knows, and plain ones.

ec2_types.json has the sizes from botocore's enumeration; that a type stands there does not say that a region offers it.
The families with a GPU: https://docs.aws.amazon.com/dlami/latest/devguide/important-changes.html and the release notes
of October 2026.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from catalogue.spelling import meant

Processor = Literal["x86_64", "arm64"]

# Release notes: https://docs.aws.amazon.com/dlami/latest/devguide/aws-deep-learning-ami-base-aml2-2026-01-02.html
_OPEN_DRIVER = (
    "the older driver's images were for Amazon Linux 2, which ended on 2026-06-30, and the open one does not know"
)
_UNSUPPORTED: Mapping[str, str] = {
    "p2": "EC2 offers P2 in no region any more, and no current driver knows its K80; use g4dn or g5",
    "p3": f"{_OPEN_DRIVER} its V100; use g5 or g6",
    "p3dn": f"{_OPEN_DRIVER} its V100; use p4d",
    "g2": "EC2 has retired it; use g4dn",
    "g3": f"{_OPEN_DRIVER} its M60; use g4dn",
    "g3s": f"{_OPEN_DRIVER} its M60; use g4dn",
    "g4ad": "its GPUs are AMD's, and the AMI's driver is NVIDIA's; use g4dn",
    "g7e": "no release note of the AMI names it yet; use g7 or g6e",
    "p6e-gb200": "EC2 has it in UltraServers alone, which are reserved by the block; use p6-b200",
    "inf1": "it has Inferentia, for which AWS makes other AMIs (Neuron); use g6",
    "inf2": "it has Inferentia, for which AWS makes other AMIs (Neuron); use g6",
    "trn1": "it has Trainium, for which AWS makes other AMIs (Neuron); use g6e",
    "trn1n": "it has Trainium, for which AWS makes other AMIs (Neuron); use g6e",
    "trn2": "it has Trainium, for which AWS makes other AMIs (Neuron); use p5",
    "dl1": "it has Gaudi, and EC2 offers it in no region any more; use g5",
    "dl2q": "it has Qualcomm's accelerators, for which there is no Deep Learning AMI; use g6",
}


class Ec2TypeError(ValueError):
    """No workstation can be of this type; the message is one line with the reason and what to use instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ec2Type:
    """One size of one family."""

    name: str
    family: str
    processor: Processor
    gpu: bool
    """Whether it has GPUs of NVIDIA's."""


@cache
def ec2_types() -> Mapping[str, Ec2Type]:
    """Every type by its name."""
    families = json.loads(Path(__file__).with_name("ec2_types.json").read_text(encoding="utf-8"))
    return {
        f"{family}.{size}": Ec2Type(
            name=f"{family}.{size}", family=family, processor=traits["processor"], gpu=traits["gpu"]
        )
        for family, traits in families.items()
        for size in traits["sizes"]
    }


def ec2_type(text: str) -> Ec2Type:
    """The type of a name such as g5.xlarge; raise Ec2TypeError where a Deep Learning AMI does not run on it."""
    found = ec2_types().get(text)
    if found:
        return found
    family = text.partition(".")[0].casefold()
    if reason := _UNSUPPORTED.get(family):
        message = f"no Deep Learning AMI runs on {text[:40]}: {reason}"
        raise Ec2TypeError(message)
    if text.endswith((".nano", ".micro")):
        message = f"a Deep Learning AMI does not come up in the memory of {text[:40]}; use t3.medium or larger"
        raise Ec2TypeError(message)
    if text.startswith("ml."):
        message = f"{text[:40]} is a type of SageMaker; EC2's is {text.removeprefix('ml.')[:40]}"
        raise Ec2TypeError(message)
    hint = meant(text, ec2_types(), "name one such as g5.xlarge")
    message = f"{text[:40]!r} is no type of EC2 on which a Deep Learning AMI runs; {hint}"
    raise Ec2TypeError(message)
