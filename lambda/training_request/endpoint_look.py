"""An endpoint that may be there already, and what its configuration says."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import code_of
from shared.training_run import EXECUTION_TAG, stages
from training_request.facts import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def endpoint(client: "SageMakerClient", name: str) -> Endpoint | None:
    """The endpoint; None where there is none of that name."""
    try:
        told = client.describe_endpoint(EndpointName=name)
    except ClientError as error:
        # SageMaker has no error of its own for what is not there: "Could not find endpoint ...".
        if code_of(error) == "ValidationException" and "could not find" in str(error).lower():
            return None
        raise
    config = client.describe_endpoint_config(EndpointConfigName=told["EndpointConfigName"])
    variants = [*config.get("ProductionVariants", ()), *config.get("ShadowProductionVariants", ())]
    tags = _tags(client, told["EndpointArn"])
    return Endpoint(
        name=name,
        status=told["EndpointStatus"],
        failure_reason=told.get("FailureReason", ""),
        variants=tuple(one["VariantName"] for one in variants),
        with_model=all(one.get("ModelName") for one in variants),
        serverless=all("ServerlessConfig" in one for one in variants),
        ours=None if tags is None else EXECUTION_TAG in tags,
        stages=stages(tags or {}),
    )


def _tags(client: "SageMakerClient", arn: str) -> Mapping[str, str] | None:
    """All tags, which are fewer than one page holds; None where they may not be read."""
    try:
        return {one["Key"]: one["Value"] for one in client.list_tags(ResourceArn=arn)["Tags"]}
    except (BotoCoreError, ClientError):
        return None
