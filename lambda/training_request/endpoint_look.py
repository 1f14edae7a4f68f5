"""An endpoint that may be there already, and what its configuration says."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import code_of
from shared.training_run import EXECUTION_TAG
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
    return Endpoint(
        name=name,
        status=told["EndpointStatus"],
        failure_reason=told.get("FailureReason", ""),
        variants=tuple(one["VariantName"] for one in variants),
        with_model=all(one.get("ModelName") for one in variants),
        serverless=all("ServerlessConfig" in one for one in variants),
        ours=_ours(client, told["EndpointArn"]),
    )


def _ours(client: "SageMakerClient", arn: str) -> bool | None:
    """Whether it carries the workflow's tag; it has fewer tags than one page holds."""
    try:
        tags = client.list_tags(ResourceArn=arn)["Tags"]
    except (BotoCoreError, ClientError):
        return None
    return any(one["Key"] == EXECUTION_TAG for one in tags)
