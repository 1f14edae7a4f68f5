"""The kinds of value that layer 2's tables hold, each with the sentence a person reads when it does not fit."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from catalogue import images, instance_types
from catalogue.algorithms import ALGORITHMS
from catalogue.spelling import meant
from stacks.patterns import matching

OWN_IMAGES = frozenset({"inference"})
"""Images that the project builds in the account, by the folder of containers/ that they come from."""
REGISTRY_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.-]+/[a-z0-9._/-]+(:[\w.-]+|@sha256:[0-9a-f]{64})"
)
# https://docs.aws.amazon.com/sagemaker/latest/dg/nbi-jl.html
PLATFORM = "notebook-al2023-v1"
WITHOUT_TAG = re.compile(r"\d{12}\.dkr\.ecr\.[^:@]+")
INFERENCE_VARIABLES = frozenset(
    {
        "INFERENCE_DRAIN_SECONDS",
        "INFERENCE_MAX_BYTES",
        "INFERENCE_MAX_CONCURRENCY",
        "INFERENCE_MAX_IMAGES",
        "INFERENCE_MAX_PIXELS",
        "INFERENCE_READ_SECONDS",
        "INFERENCE_THREADS",
        "INFERENCE_TOP_K",
    }
)
"""What the project's own server knows; it starts with no other that begins so (containers/inference/README.md)."""
ENDED_PLATFORMS = frozenset({"notebook-al1-v1", "notebook-al2-v1", "notebook-al2-v2", "notebook-al2-v3"})


def _instance_type(use: instance_types.Use, what: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            found = instance_types.instance_type(value)
        except instance_types.UnknownInstanceTypeError as error:
            message = f"must be a type of {what}: {error}"
            raise ValueError(message) from error
        if found.retired:
            message = f"must be a type that can be had: {value} is retired, {found.retired}"
            raise ValueError(message)
        if use not in found.uses:
            message = f"must be a type of {what}; SageMaker takes {value} for {', '.join(sorted(found.uses))}"
            raise ValueError(message)
        return value

    return AfterValidator(check)


def has_gpu(name: str) -> bool:
    """Whether a type has GPUs of NVIDIA's."""
    return instance_types.instance_type(name).accelerator == "gpu"


def _algorithm(value: str) -> str:
    if value not in ALGORITHMS:
        message = f"must be one of SageMaker's built-in algorithms: {meant(value, ALGORITHMS, 'such as xgboost')}"
        raise ValueError(message)
    return value


def _platform(value: str) -> str:
    if value in ENDED_PLATFORMS:
        message = f'must be "{PLATFORM}": AWS has ended {value} with its JupyterLab'
        raise ValueError(message)
    if value != PLATFORM:
        message = f'must be "{PLATFORM}", the one that CloudFormation knows and AWS patches'
        raise ValueError(message)
    return value


def _image(value: str) -> str:
    if WITHOUT_TAG.fullmatch(value):
        message = "must name a :TAG or @sha256: digest of the image"
        raise ValueError(message)
    if value not in OWN_IMAGES and not REGISTRY_IMAGE.fullmatch(value):
        try:
            images.image(value)
        except (images.UnknownImageError, images.ClosedError) as error:
            message = f'must be "inference", a name of `mlstack image uri`, or the URI of an image in ECR: {error}'
            raise ValueError(message) from error
    return value


NotebookInstanceType = Annotated[str, _instance_type("notebook", "notebook instances")]
HostingInstanceType = Annotated[str, _instance_type("hosting", "endpoints")]
TrainingInstanceType = Annotated[str, _instance_type("training", "training jobs")]
AlgorithmName = Annotated[str, AfterValidator(_algorithm)]
TrainedModelName = Annotated[
    str,
    matching(
        r"(?=.{1,30}$)[a-z](-?[a-z0-9])*",
        "1 to 30 of a-z and 0-9 with hyphens between them, starting with a letter",
    ),
]
Platform = Annotated[str, AfterValidator(_platform)]
NamePrefix = Annotated[
    str, matching(r"(?=.{1,40}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*", "1 to 40 letters, digits and hyphens between them")
]
SubnetId = Annotated[str, matching(r"subnet-[0-9a-f]{8,17}", "the id of a subnet, such as subnet-0123456789abcdef0")]
SecurityGroupId = Annotated[
    str, matching(r"sg-[0-9a-f]{8,17}", "the id of a security group, such as sg-0123456789abcdef0")
]
RoleArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", "the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME"
    ),
]
Repository = Annotated[
    str,
    matching(
        r"https://[^/@\s]+/\S+|[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        "the https address of a Git repository without a password in it, or the name of one that SageMaker knows",
    ),
]
EndpointName = Annotated[
    str,
    matching(
        # One that ended in -endpoint would have an output called like another endpoint's.
        r"(?=.{1,31}$)(?!.*-endpoint$)[a-z](-?[a-z0-9])*",
        "1 to 31 of a-z and 0-9 with hyphens between them, starting with a letter and not ending in -endpoint",
    ),
]
Model = Annotated[
    str,
    matching(
        r"starter|none|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(?:(?![*?$])[!-~])+\.tar\.gz",
        '"starter", "none", or s3://BUCKET/KEY.tar.gz with a bucket of 3 to 63 letters',
    ),
]
Image = Annotated[str, AfterValidator(_image)]
VariableName = Annotated[str, matching(r"[a-zA-Z_][a-zA-Z0-9_]{0,255}", "a name of letters, digits and _")]
VariableValue = Annotated[str, StringConstraints(max_length=1024)]
