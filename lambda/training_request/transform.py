"""Batch transform: the model applied to each object under a prefix, one object a request."""

from typing import Any

from training_request.facts import Facts, Listing
from training_request.problems import Problems, listed
from training_request.request import Request, Transform
from training_request.run import Run
from training_request.serving import planned as served
from training_request.settings import OWN, Settings

MAX_PAYLOAD_MB = 6
"""What the inference image takes as one request; SageMaker's own default."""
_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


def check(request: Request, facts: Facts, told: Settings, problems: Problems) -> None:
    """Note a content type that the model does not take."""
    wanted = request.transform
    if wanted is None or wanted.content_type is None:
        return
    known = served(request, facts, told)["content_types"]
    if known and wanted.content_type.partition(";")[0] not in known:
        problems.add(
            "transform.content_type", f"{wanted.content_type[:60]} is none that the model takes: {listed(known)}"
        )


def planned(request: Request, wanted: Transform, facts: Facts, told: Settings, run: Run) -> dict[str, Any]:
    """What CreateTransformJob is made of; without SplitType, so that an object is one request."""
    listing = facts.listings.get(wanted.data, Listing())
    source = {"S3DataType": "S3Prefix", "S3Uri": listing.found or wanted.data}
    machines = wanted.machines
    return {
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": _content_type(request, wanted, facts, told, listing),
            "CompressionType": "None",
            "SplitType": "None",
        },
        "TransformOutput": {
            "S3OutputPath": run.uri("transform/"),
            "Accept": "application/json",
            "AssembleWith": "None",
        },
        "TransformResources": {"InstanceType": machines.instance_type, "InstanceCount": machines.instances},
        "BatchStrategy": "SingleRecord",
        "MaxPayloadInMB": MAX_PAYLOAD_MB,
        "MaxConcurrentTransforms": 1,
        "Environment": {},
        "max_run_seconds": machines.max_run_minutes * 60,
    }


def _content_type(request: Request, wanted: Transform, facts: Facts, told: Settings, listing: Listing) -> str:
    """As somebody says, else by the name of an object, else the model's first."""
    known = served(request, facts, told)["content_types"]
    by_name = _PICTURES.get(listing.suffix, "")
    if wanted.content_type:
        return wanted.content_type
    if by_name in known:
        return by_name
    algorithm = request.training.algorithm if request.training else OWN
    return (
        "application/x-image"
        if algorithm == OWN and "application/x-image" in known
        else next(iter(known), "application/octet-stream")
    )
