"""Write lambda/catalogue/instance_types.json: types from botocore, their hardware from moto's copy of EC2's.

`python scripts/instance_types.py` writes it, for the versions of both that are installed here; the tests say when it
is due. A type that EC2's list lacks gets its processor and accelerator from ``UNLISTED``, and no numbers.
"""

import gzip
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "lambda" / "catalogue" / "instance_types.json"
USES = {
    "hosting": "ProductionVariantInstanceType",
    "notebook": "InstanceType",
    "training": "TrainingInstanceType",
    "transform": "TransformInstanceType",
    "processing": "ProcessingInstanceType",
    "studio": "AppInstanceType",
    "cluster": "ClusterInstanceType",
    "accelerator": "ProductionVariantAcceleratorType",
}
"""What a type can be asked for, by the enumeration in SageMaker's API that lists it."""
UNLISTED: Mapping[str, Mapping[str, Any]] = {
    "dl1": {"processor": "x86_64", "accelerator": "gaudi", "burstable": False, "local_storage": True},
    "eia1": {"processor": None, "accelerator": "elastic-inference", "burstable": False, "local_storage": False},
    "eia2": {"processor": None, "accelerator": "elastic-inference", "burstable": False, "local_storage": False},
    "geospatial": {"processor": "x86_64", "accelerator": "none", "burstable": False, "local_storage": False},
    "p2": {"processor": "x86_64", "accelerator": "gpu", "burstable": False, "local_storage": False},
    "p3": {"processor": "x86_64", "accelerator": "gpu", "burstable": False, "local_storage": False},
    "p6e-gb200": {"processor": "arm64", "accelerator": "gpu", "burstable": False, "local_storage": True},
}
"""Families that EC2's list has no more, or not on demand."""
MIB = 1024

Hardware = dict[str, Any]
"""One type in the answer of EC2's DescribeInstanceTypes."""


def uses(shapes: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """What each type can be asked for, out of the shapes of SageMaker's API."""
    found: dict[str, list[str]] = {}
    for use, shape in USES.items():
        for name in shapes[shape]["enum"]:
            if name.startswith("ml."):
                found.setdefault(name, []).append(use)
    return found


def family(hardware: Hardware) -> dict[str, Any]:
    """What all sizes of a family have in common."""
    accelerator = "gpu" if "GpuInfo" in hardware else "neuron" if "NeuronInfo" in hardware else "none"
    return {
        "processor": next(one for one in hardware["ProcessorInfo"]["SupportedArchitectures"] if one != "i386"),
        "accelerator": accelerator,
        "burstable": hardware["BurstablePerformanceSupported"],
        "local_storage": hardware["InstanceStorageSupported"],
    }


def size(hardware: Hardware | None) -> dict[str, Any]:
    """The numbers of one size; none where nobody knows them."""
    if hardware is None:
        return {}
    gpus = hardware.get("GpuInfo", {}).get("Gpus", [])
    found = {"vcpus": hardware["VCpuInfo"]["DefaultVCpus"], "memory_mib": hardware["MemoryInfo"]["SizeInMiB"]}
    if gpus:
        found |= {"gpus": sum(gpu["Count"] for gpu in gpus), "gpu_memory_mib": gpus[0]["MemoryInfo"]["SizeInMiB"]}
    return found


def document(asked: Mapping[str, list[str]], hardware: Mapping[str, Hardware], source: str) -> dict[str, Any]:
    """What instance_types.json holds; raise ValueError where sizes of a family differ, KeyError for an unknown one."""
    families: dict[str, dict[str, Any]] = {}
    for name in sorted(asked, key=lambda one: (one.split(".")[1], _rank(one))):
        _, kind, of_size = name.split(".")
        known = hardware.get(name.removeprefix("ml."))
        traits = family(known) if known else dict(UNLISTED[kind])
        entry = families.setdefault(kind, {**traits, "sizes": {}})
        if any(entry[key] != value for key, value in traits.items()):
            message = f"{name} is not as the other sizes of {kind}"
            raise ValueError(message)
        entry["sizes"][of_size] = {**size(known), "uses": asked[name]}
    return {"source": source, "written by": "scripts/instance_types.py", "families": families}


def text(found: Mapping[str, Any]) -> str:
    """JSON with one size on a line."""
    head = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in found.items() if key != "families"]
    families = []
    for name, entry in found["families"].items():
        traits = json.dumps({key: value for key, value in entry.items() if key != "sizes"})[1:-1]
        sizes = ",\n".join(f"      {json.dumps(key)}: {json.dumps(value)}" for key, value in entry["sizes"].items())
        families.append(f'    {json.dumps(name)}: {{{traits}, "sizes": {{\n{sizes}\n    }}}}')
    body = ",\n".join(families)
    return "{\n" + ",\n".join(head) + ',\n  "families": {\n' + body + "\n  }\n}\n"


def _rank(name: str) -> tuple[int, int, str]:
    of_size = name.split(".")[2]
    if of_size.endswith("xlarge"):
        return 1, int(of_size.removesuffix("xlarge") or 1), of_size
    return 0, ("micro", "small", "medium", "large").index(of_size) if of_size != "interactive" else 9, of_size


def installed() -> dict[str, Any]:
    """The document for what is installed here."""
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    packed = files("moto").joinpath("ec2/resources/instance_types.json.gz").read_bytes()
    source = f"botocore {version('botocore')} (uses), moto {version('moto')} (EC2's DescribeInstanceTypes); Apache-2.0"
    return document(uses(shapes), json.loads(gzip.decompress(packed)), source)


def main() -> None:
    """Write the file."""
    TARGET.write_text(text(installed()), encoding="utf-8")
    sys.stderr.write(f"instance types: wrote {TARGET.name}\n")


if __name__ == "__main__":
    main()
