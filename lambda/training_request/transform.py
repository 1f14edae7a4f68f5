"""Batch transform: the model applied to each object under a prefix, one object a request.

One object that the model refuses, or that is larger than a request may be, ends the whole job as Failed:
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-errors.html. What was answered till then is in S3.
"""

from collections.abc import Sequence
from typing import Any

from shared.batch_input import LARGEST_PICTURE_MB, PICTURE_SUFFIXES
from shared.training_run import TRANSFORM
from training_request.built_in import CSV, IMAGES, JSON, JSON_LINES, LIBSVM
from training_request.facts import Facts, Listing, Object
from training_request.problems import Problems, either, listed, quoted
from training_request.request import Request, Transform
from training_request.run import Run
from training_request.serving import planned as served
from training_request.settings import OWN, Settings

MIB = 1024 * 1024
PAYLOAD_MB = 6
"""The largest request to a built-in algorithm's model: SageMaker's own default."""
PROVISIONING_SECONDS = 15 * 60
"""What the machines may take until they work: the state machine's clock starts with the job, and no bill does."""
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
    """What CreateTransformJob is made of: an object is one request, unless each of its lines is one record.

    SageMaker itself knows no longest time for it. ``max_run_seconds`` is the state machine's: the minutes that were
    asked for, which are also what the price is made of, and a quarter of an hour for the machines to come.
    """
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
            "S3OutputPath": run.uri(TRANSFORM),
            "Accept": next(iter(serving["response_types"]), "application/json"),
            "AssembleWith": "Line" if by_line else "None",
        },
        "TransformResources": {"InstanceType": machines.instance_type, "InstanceCount": machines.instances},
        "BatchStrategy": "MultiRecord" if by_line else "SingleRecord",
        # MaxPayloadInMB times MaxConcurrentTransforms must not exceed 100.
        "MaxPayloadInMB": _payload_mb(request, facts),
        "MaxConcurrentTransforms": 1,
        # Over the model's own, which endpoints go by.
        "Environment": {"INFERENCE_MAX_BYTES": str(LARGEST_PICTURE_MB * MIB)} if _is_own(request, facts) else {},
        "max_run_seconds": machines.max_run_minutes * 60 + PROVISIONING_SECONDS,
    }


def warnings(request: Request, facts: Facts, told: Settings) -> list[str]:
    """Which of the objects that were looked at would fail the whole job, as far as names and sizes tell."""
    wanted = request.transform
    if wanted is None:
        return []
    listing = facts.listings.get(wanted.data, Listing())
    content_type = _content_type(wanted, listing, served(request, facts, told)["content_types"]).partition(";")[0]
    if content_type in _LINES:
        return []
    most = _payload_mb(request, facts)
    suffixes = _suffixes(content_type)
    found = {
        f"larger than {most} MB": [one for one in listing.objects if one.size > most * MIB],
        "empty": [one for one in listing.objects if not one.size],
        f"not called {either(sorted(suffixes))}": [
            one for one in listing.objects if suffixes and one.suffix and one.suffix not in suffixes
        ],
    }
    return [
        f"transform.data: {_some(objects)} {what}; one object that the model refuses fails the whole job, so take out "
        "what is none of its"
        for what, objects in found.items()
        if objects
    ]


def _is_own(request: Request, facts: Facts) -> bool:
    """Whether the project's inference image answers."""
    if request.training:
        return request.training.algorithm == OWN
    return facts.package is not None and facts.package.metadata.get("algorithm", OWN) == OWN


def _payload_mb(request: Request, facts: Facts) -> int:
    return LARGEST_PICTURE_MB if _is_own(request, facts) else PAYLOAD_MB


def _suffixes(content_type: str) -> frozenset[str]:
    """How objects of a type are called; nothing where no name tells."""
    if content_type == IMAGES or content_type.startswith("image/"):
        return PICTURE_SUFFIXES
    return frozenset(suffix for suffix, one in _BY_NAME.items() if one == content_type)


def _some(objects: Sequence[Object]) -> str:
    first = quoted(objects[0].key)
    return f"{first} is" if len(objects) == 1 else f"{len(objects):,} objects, such as {first}, are"


def _content_type(wanted: Transform, listing: Listing, known: Sequence[str]) -> str:
    """As somebody says, else by the name of an object, else any picture, else the model's first."""
    if wanted.content_type:
        return wanted.content_type
    by_name = _BY_NAME.get(listing.suffix, "")
    if by_name in known:
        return by_name
    return IMAGES if IMAGES in known else next(iter(known), "application/octet-stream")
