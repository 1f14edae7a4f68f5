"""Batch transform: the model applied to each object under a prefix, one object a request."""

from collections.abc import Sequence
from typing import Any

from training_request.built_in import CSV, IMAGES, JSON, JSON_LINES, LIBSVM
from training_request.facts import Facts, Listing
from training_request.problems import Problems, listed
from training_request.request import Request, Transform
from training_request.run import Run
from training_request.serving import planned as served
from training_request.settings import Settings

MAX_PAYLOAD_MB = 6
"""What the inference image takes as one request; SageMaker's own default."""
_BY_NAME = {
    ".csv": CSV,
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".libsvm": LIBSVM,
    ".png": "image/png",
}
_LINES = frozenset({CSV, LIBSVM, JSON_LINES})
"""The types whose objects hold a record in each line."""


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
    """What CreateTransformJob is made of: an object is one request, unless each of its lines is one record."""
    listing = facts.listings.get(wanted.data, Listing())
    serving = served(request, facts, told)
    content_type = _content_type(wanted, listing, serving["content_types"])
    by_line = content_type.partition(";")[0] in _LINES
    machines = wanted.machines
    return {
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": listing.found or wanted.data}},
            "ContentType": content_type,
            "CompressionType": "None",
            "SplitType": "Line" if by_line else "None",
        },
        "TransformOutput": {
            "S3OutputPath": run.uri("transform/"),
            "Accept": next(iter(serving["response_types"]), "application/json"),
            "AssembleWith": "Line" if by_line else "None",
        },
        "TransformResources": {"InstanceType": machines.instance_type, "InstanceCount": machines.instances},
        "BatchStrategy": "MultiRecord" if by_line else "SingleRecord",
        "MaxPayloadInMB": MAX_PAYLOAD_MB,
        "MaxConcurrentTransforms": 1,
        "Environment": {},
        "max_run_seconds": machines.max_run_minutes * 60,
    }


def _content_type(wanted: Transform, listing: Listing, known: Sequence[str]) -> str:
    """As somebody says, else by the name of an object, else any picture, else the model's first."""
    if wanted.content_type:
        return wanted.content_type
    by_name = _BY_NAME.get(listing.suffix, "")
    if by_name in known:
        return by_name
    return IMAGES if IMAGES in known else next(iter(known), "application/octet-stream")
