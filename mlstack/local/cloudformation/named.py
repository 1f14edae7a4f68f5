"""Names that CloudFormation generates, cut to what a service takes, and what a SageMaker ARN names."""

import re
from typing import Any

from mlstack.local.cloudformation.called import Properties, tags

SUFFIX = 13
"""A dash and twelve letters, which make a generated name unique."""


def fitting(name: str, longest: int = 63) -> str:
    """A generated name, cut before its unique end; a name that a template gives stays as it is, to be refused."""
    if len(name) <= longest or not re.search(r"-[0-9A-Z]{12}$", name):
        return name
    return f"{name[: longest - SUFFIX].rstrip('-')}{name[-SUFFIX:]}"


def named(arn: str) -> str:
    """The name in an ARN; a name alone is itself."""
    return arn.rpartition("/")[2]


def tagged(sagemaker: Any, arn: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    """Give a resource of SageMaker its new tags."""
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=lost)
    if tags(new) and tags(new) != tags(old):
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags(new).items()])
