"""SageMaker's 17 built-in algorithms, and on which machines each trains and infers.

https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html and the page of each algorithm, read in
November 2026. Their images are in images.py under the same names; LDA's is in 16 regions only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from catalogue.instance_types import InstanceType, UnknownInstanceTypeError, instance_type
from catalogue.spelling import meant

Needs = Literal["cpu", "gpu", "any"]
_OLDER = ("p2", "p3", "p3dn", "g4dn", "g5")
"""The families with a GPU that AWS names for its own algorithms."""
_GONE = ("p2", "p3", "p3dn")
"""Those of them that a person is not sent to: they are retired, or all but."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Algorithm:
    """What one algorithm needs."""

    name: str
    page: str
    """The page of AWS's guide that says so."""
    training: Needs = "any"
    inference: Needs = "any"
    several: Literal["yes", "no", "cpu"] = "yes"
    """Whether one training may use several instances; "cpu": only such without GPU."""
    gpus: tuple[str, ...] = _OLDER
    """The families with a GPU that it knows; () where AWS names none in particular."""


def _page(name: str) -> str:
    return f"https://docs.aws.amazon.com/sagemaker/latest/dg/{name}.html"


ALGORITHMS: Mapping[str, Algorithm] = {
    one.name: one
    for one in (
        Algorithm(name="blazingtext", page=_page("blazingtext"), several="cpu"),  # several: mode batch_skipgram
        Algorithm(name="factorization-machines", page=_page("fact-machines")),
        Algorithm(name="forecasting-deepar", page=_page("deepar"), inference="cpu", gpus=()),
        Algorithm(name="image-classification", page=_page("image-classification"), training="gpu"),
        Algorithm(name="ipinsights", page=_page("ip-insights")),
        Algorithm(name="kmeans", page=_page("k-means")),
        Algorithm(name="knn", page=_page("k-nearest-neighbors")),
        Algorithm(name="lda", page=_page("lda"), training="cpu", inference="cpu", several="no"),
        Algorithm(name="linear-learner", page=_page("linear-learner")),
        Algorithm(name="ntm", page=_page("ntm")),
        Algorithm(name="object-detection", page=_page("object-detection"), training="gpu"),
        Algorithm(name="object2vec", page=_page("object2vec"), several="no"),
        Algorithm(name="pca", page=_page("pca")),
        Algorithm(name="randomcutforest", page=_page("randomcutforest"), training="cpu", inference="cpu"),
        Algorithm(name="semantic-segmentation", page=_page("semantic-segmentation"), training="gpu", several="no"),
        Algorithm(name="seq2seq", page=_page("seq-2-seq"), training="gpu", several="no"),
        Algorithm(name="xgboost", page=_page("xgboost"), gpus=("g4dn", "g5")),
    )
}


def training_fault(algorithm: str, instance_type_name: str, instances: int = 1) -> str | None:
    """Why an algorithm cannot train, or not sensibly, on so many instances of a type; None where it can."""
    found = _found(algorithm, instance_type_name)
    if isinstance(found, str):
        return found
    one, machine = found
    if instances < 1:
        return f"{one.name} needs at least one instance, not {instances}"
    alone = one.several == "no" or (one.several == "cpu" and machine.accelerator != "none")
    if instances > 1 and alone:
        return f"{one.name} trains on one instance{' with a GPU' if one.several == 'cpu' else ''}, not on {instances}"
    return _fault(one, machine, "training", one.training)


def inference_fault(algorithm: str, instance_type_name: str) -> str | None:
    """Why a model of an algorithm cannot be served, or not sensibly, on a type; None where it can."""
    found = _found(algorithm, instance_type_name)
    return found if isinstance(found, str) else _fault(*found, "hosting", found[0].inference)


def _found(algorithm: str, instance_type_name: str) -> tuple[Algorithm, InstanceType] | str:
    if algorithm not in ALGORITHMS:
        return (
            f"{algorithm[:80]!r} is no built-in algorithm; {meant(algorithm, ALGORITHMS, 'name one such as xgboost')}"
        )
    try:
        return ALGORITHMS[algorithm], instance_type(instance_type_name)
    except UnknownInstanceTypeError as error:
        return str(error)


def _fault(one: Algorithm, machine: InstanceType, use: Literal["training", "hosting"], needs: Needs) -> str | None:
    does = "trains" if use == "training" else "is served"
    families = " or ".join(f"ml.{family}" for family in one.gpus if family not in _GONE) or "a family with a GPU"
    has = machine.accelerator
    faults = (
        (machine.retired is not None, f"{machine.name} cannot be had: {machine.retired}"),
        (use not in machine.uses, f"SageMaker takes {machine.name} for {_listed(machine)}, not for {use}"),
        (machine.processor == "arm64", f"{one.name} {does} on x86 processors, and {machine.name} has an Arm one"),
        (has not in {"none", "gpu"}, f"{one.name} makes no use of {machine.name}; use CPUs alone, or a GPU"),
        (has == "gpu" and needs == "cpu", f"{one.name} {does} on CPUs and makes no use of the GPU of {machine.name}"),
        (has == "none" and needs == "gpu", f"{one.name} {does} on GPUs only, {machine.name} has none; use {families}"),
        (
            has == "gpu" and bool(one.gpus) and machine.family not in one.gpus,
            f"{one.name} does not know the GPU of {machine.name}; use {families}",
        ),
    )
    return next((reason for wrong, reason in faults if wrong), None)


def _listed(machine: InstanceType) -> str:
    *first, last = sorted(machine.uses)
    return f"{', '.join(first)} and {last}" if first else last
