"""Which endpoints of a stage serve a version now."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from mlstack.training.models.registry import Version
from mlstack.training.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

NOT_FOUND = "Could not find"


def serving(stage: Stage, version: Version) -> list[str]:
    """The names of the endpoints that serve a version."""
    sagemaker: SageMakerClient = stage.client("sagemaker")
    pages = sagemaker.get_paginator("list_endpoints").paginate(NameContains=f"mlstack-{stage.target.stage}-")
    names = [one["EndpointName"] for page in pages for one in page["Endpoints"]]
    return [name for name in names if {version.arn, version.artifacts or version.arn} & set(_served(sagemaker, name))]


def _served(sagemaker: "SageMakerClient", endpoint: str) -> Iterator[str]:
    """The model packages and the artifacts that an endpoint serves; none where it is gone meanwhile."""
    try:
        config: str = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        variants: Any = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
        for name in {one["ModelName"] for one in variants if "ModelName" in one}:
            model: Any = sagemaker.describe_model(ModelName=name)
            for one in (model.get("PrimaryContainer", {}), *model.get("Containers", ())):
                yield from (one[key] for key in ("ModelPackageName", "ModelDataUrl") if key in one)
    except ClientError as error:
        if NOT_FOUND not in str(error):
            raise
