"""Which image serves a model, and where it lies."""

from dataclasses import dataclass

import aws_cdk as cdk

from catalogue import images
from stacks.sagemaker_values import REGISTRY_IMAGE


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingImage:
    """An image in ECR."""

    uri: str
    repository_arn: str


def registry_image(setting: str, stack: cdk.Stack) -> ServingImage:
    """The image that a profile names: in full, or by its name in the catalogue.

    Raises:
        images.NotOfferedError: where AWS has no such image in the stack's region; the profile refuses it before.
    """
    uri = setting if REGISTRY_IMAGE.fullmatch(setting) else images.uri(setting, stack.region)
    registry, _, path = uri.partition("/")
    account, *_ = registry.split(".")
    repository = path.partition("@")[0].partition(":")[0]
    return ServingImage(
        uri=uri,
        repository_arn=stack.format_arn(
            service="ecr", account=account, resource="repository", resource_name=repository
        ),
    )
