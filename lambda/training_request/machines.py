"""On which instances a job of the stage may run."""

from typing import Literal

from catalogue.algorithms import ALGORITHMS, inference_fault, training_fault
from catalogue.instance_types import UnknownInstanceTypeError, instance_type
from catalogue.spelling import meant
from training_request.problems import Problems, listed, quoted
from training_request.request import Machines, Request
from training_request.settings import OWN, Settings

Use = Literal["training", "processing", "transform"]
_CPU = "ml.m5.xlarge"
_GPU = "ml.g4dn.xlarge"
_JOBS = {"training": "training jobs", "processing": "processing jobs", "transform": "batch transform"}


def default_type(told: Settings, use: Use, algorithm: str) -> str:
    """The first type that the stage allows and that suits; a common one where none does."""
    wants_gpu = use == "training" and _wants_gpu(told, algorithm)
    usual = _GPU if wants_gpu else _CPU
    allowed = told.instance_types or (usual,)
    suitable = [one for one in allowed if fault(one, 1, use, algorithm, told) is None]
    alike = [one for one in suitable if (instance_type(one).accelerator == "gpu") == wants_gpu]
    return next(iter([*alike, *suitable]), usual)


def fault(name: str, instances: int, use: Use, algorithm: str, told: Settings) -> str | None:
    """Why a job cannot run on so many instances of a type; None where it can."""
    reason = _own_fault(name, use, told) if algorithm == OWN or use == "processing" else None
    if algorithm in ALGORITHMS and use != "processing":
        reason = training_fault(algorithm, name, instances) if use == "training" else _transform_fault(algorithm, name)
    if reason is None and told.instance_types and name not in told.instance_types:
        return f"{name} is none of the types that this stage allows: {listed(told.instance_types)}"
    return reason


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Note every type that a job cannot run on."""
    algorithm = request.training.algorithm if request.training else OWN
    for place, machines, use in jobs(request):
        where = f"{place}.instance_type"
        reason = fault(machines.instance_type, machines.instances, use, algorithm, told)
        if reason:
            problems.add(where, reason)


def jobs(request: Request) -> list[tuple[str, Machines, Use]]:
    """Each job of a request that runs on instances: where it stands, on what, and for what."""
    training = request.training
    found: list[tuple[str, Machines | None, Use]] = [
        (training.place if training else "train", training.machines if training else None, "training"),
        ("evaluate", request.evaluation, "processing"),
        ("transform", request.transform.machines if request.transform else None, "transform"),
    ]
    return [(place, machines, use) for place, machines, use in found if machines is not None]


def warnings(request: Request, told: Settings) -> list[str]:
    """What is allowed and still no good idea."""
    training = request.training
    found: list[str] = []
    for place, machines, _use in jobs(request):
        kind = instance_type(machines.instance_type)
        own = training is None or training.algorithm == OWN or place == "evaluate"
        if own and told.accelerator == "gpu" and kind.accelerator == "none" and place in {"train", "tune"}:
            found.append(
                f"{place}.instance_type: {kind.name} has no GPU, and this stage's training image is the larger one "
                "that is built for GPUs; it runs all the same"
            )
        if machines.volume_gb and kind.local_storage:
            found.append(f"{place}.volume_gb: is not used, for {kind.name} has disks of its own and gets no other")
        if kind.burstable:
            found.append(f"{place}.instance_type: {kind.name} is slow once its CPU credits are used up")
    return found


def volume(machines: Machines) -> int | None:
    """The size of the disk that is asked for; None for a type that has disks of its own and gets no other.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
    """
    return None if instance_type(machines.instance_type).local_storage else machines.volume_gb or 30


def _own_fault(name: str, use: Use, told: Settings) -> str | None:
    try:
        kind = instance_type(name)
    except UnknownInstanceTypeError as error:
        return _unknown(name, told) or str(error)
    has = kind.accelerator
    uses = sorted(kind.uses)
    faults = (
        (kind.retired is not None, f"{name} cannot be had: {kind.retired}"),
        (use not in kind.uses, f"SageMaker takes {name} for {listed(uses)}, not for {_JOBS[use]}; use {_CPU}"),
        (kind.processor == "arm64", f"{name} has an Arm processor, and the image is built for x86; use {_CPU}"),
        (has not in {"none", "gpu"}, f"the image makes no use of the {has} chips of {name}; use {_CPU} or {_GPU}"),
        (
            has == "gpu" and told.accelerator == "cpu",
            (
                f"{name} has a GPU, and this stage's images are built for CPUs; "
                f'use {_CPU}, or set accelerator = "gpu" in [training] of the profile and deploy'
            ),
        ),
    )
    return next((reason for wrong, reason in faults if wrong), None)


def _unknown(name: str, told: Settings) -> str:
    """What is said of a type that nobody knows where the stage allows some alone; nothing where it allows all."""
    if not told.instance_types:
        return ""
    near = meant(name, told.instance_types, f"this stage allows {listed(told.instance_types)}")
    return f"{quoted(name)} is no SageMaker instance type; {near}"


def _transform_fault(algorithm: str, name: str) -> str | None:
    try:
        kind = instance_type(name)
    except UnknownInstanceTypeError as error:
        return str(error)
    if "transform" not in kind.uses and kind.retired is None:
        return f"SageMaker takes {name} for {listed(sorted(kind.uses))}, not for {_JOBS['transform']}; use {_CPU}"
    return inference_fault(algorithm, name)


def _wants_gpu(told: Settings, algorithm: str) -> bool:
    return ALGORITHMS[algorithm].training == "gpu" if algorithm in ALGORITHMS else told.accelerator == "gpu"
