"""The endpoints that the training workflow made: no stack names them, their tags do."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from mlstack.endpoint.endpoint import Endpoint, Kind
from mlstack.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

STAGE, EXECUTION = "mlstack:stage", "mlstack:execution"
IDLE_PRICE = {Kind.SERVERLESS: "$0.00 a month"}
NOT_FOUND = "Could not find"


def made(target: Target, but: Collection[str]) -> Iterator[Endpoint]:
    """Those of a stage, but for some by SageMaker's names; what is deleted meanwhile is left out."""
    sagemaker: SageMakerClient = target.account.client("sagemaker")
    prefix = f"mlstack-{target.stage}-"
    pages = sagemaker.get_paginator("list_endpoints").paginate(
        NameContains=prefix, SortBy="Name", SortOrder="Ascending"
    )
    for page in pages:
        for one in page["Endpoints"]:
            name = one["EndpointName"]
            if name.startswith(prefix) and name not in but:
                try:
                    if _is_made(sagemaker, one["EndpointArn"], target.stage):
                        yield _endpoint(sagemaker, name, prefix)
                except ClientError as error:
                    if NOT_FOUND not in str(error):
                        raise


def _is_made(sagemaker: "SageMakerClient", arn: str, stage: str) -> bool:
    """Whether the workflow of this very stage made it: a stage's name may begin with another's."""
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return EXECUTION in tags and tags.get(STAGE) == stage


def _endpoint(sagemaker: "SageMakerClient", name: str, prefix: str) -> Endpoint:
    """What one is, by its configuration."""
    config: Any = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    variants: Any = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    kind = Kind.SERVERLESS if any("ServerlessConfig" in variant for variant in variants) else Kind.CLASSIC
    return Endpoint(name=name.removeprefix(prefix), endpoint_name=name, kind=kind, idle_price=IDLE_PRICE.get(kind, ""))
