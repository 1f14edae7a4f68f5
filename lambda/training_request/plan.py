"""The plan: everything that the state machine does, decided before its first step."""

import json
from typing import Any

from shared.training_run import tag_value
from training_request import (
    compilation,
    data,
    deployment,
    evaluation,
    gate,
    hyperparameters,
    machines,
    price,
    quota,
    serving,
    training,
    transform,
    tuning,
)
from training_request.facts import Facts
from training_request.problems import RequestError
from training_request.request import Request
from training_request.run import Run, run_of
from training_request.settings import OWN, Settings
from training_request.tagging import tags

_LARGEST = 200_000
"""In bytes: Step Functions carries 262,144 between two steps, and the workflow adds to the plan."""


def planned(request: Request, facts: Facts, told: Settings) -> dict[str, Any]:
    """The plan of a request without problems; what is not wanted is null.

    Raises:
        RequestError: where it is larger than what the state machine can carry.
    """
    run, trained, package = run_of(request, told), request.training, facts.package
    found = {
        "job": run.job,
        "path": request.path,
        "model": request.model,
        "group": run.group,
        **_jobs(request, facts, told, run),
        "gate": gate.planned(request.gate) if request.gate else None,
        "compilation": compilation.planned(request.compilation, request, facts, run) if request.compilation else None,
        "serving": serving.planned(request, facts, told),
        "approval": package.approval if package else _approval(request),
        "register": trained is not None,
        "version": package.version if package else None,
        "package": package.arn if package else None,
        "deploy": deployment.planned(request.deployment) if request.deployment else None,
        "transform": transform.planned(request, request.transform, facts, told, run) if request.transform else None,
        "metadata": metadata(request, run),
        "tags": tags(request, told),
        "price": price.planned(request, told),
        "warnings": warnings(request, facts, told),
    }
    if (size := len(json.dumps(found).encode())) > _LARGEST:
        message = (
            f"request: its plan has {size:,} bytes, and {_LARGEST:,} are possible; shorten hyperparameters or ranges"
        )
        raise RequestError(message)
    return found


def metadata(request: Request, run: Run) -> dict[str, str]:
    """What the registered version tells of how it was made; a later request for it reads algorithm and image_size."""
    trained = request.training
    if trained is None:
        return {}
    found = {"algorithm": trained.algorithm, "job": run.job, "execution": request.execution}
    found["train"] = trained.data.get("train", "")
    found["path"] = "tune" if request.tuning else "train"
    found["instance_type"], found["spot"] = trained.machines.instance_type, "spot" if trained.spot else "on-demand"
    found["hyperparameters"] = " ".join(f"{name}={text}" for name, text in sorted(trained.hyperparameters.items()))
    tuned = {one.name for one in request.tuning.ranges} if request.tuning else set()
    if trained.algorithm == OWN and not tuned & {"image_size", "model"}:
        side = hyperparameters.image_size(trained.hyperparameters, trained.data)
        found["image_size"] = str(side) if side else ""
    if shape := trained.hyperparameters.get("image_shape"):
        found["image_shape"] = shape.replace(",", "x")  # metadata holds no comma
    return {name: tag_value(text) for name, text in found.items() if text}


def warnings(request: Request, facts: Facts, told: Settings) -> list[str]:
    """What a person should know before the jobs start."""
    return [
        *data.warnings(request, facts),
        *machines.warnings(request, told),
        *compilation.warnings(request, facts),
        *deployment.warnings(request, facts, told),
        *transform.warnings(request, facts, told),
        *quota.warnings(request, facts),
    ]


def _jobs(request: Request, facts: Facts, told: Settings, run: Run) -> dict[str, Any]:
    trained, wanted = request.training, request.evaluation
    tuned = request.tuning if trained else None
    return {
        "training": training.planned(request, trained, facts, told, run) if trained and not tuned else None,
        "tuning": tuning.planned(request, trained, tuned, facts, told, run) if trained and tuned else None,
        "evaluation": evaluation.planned(wanted, trained, facts, told, run) if wanted and trained else None,
    }


def _approval(request: Request) -> str:
    return "Approved" if request.automatic else "PendingManualApproval"
